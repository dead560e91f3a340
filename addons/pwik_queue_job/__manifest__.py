{
    "name": "PWiK: billing by queue_job",
    "summary": "Packets of billing runs as jobs of OCA's queue_job; optional, the suite works without it",
    "version": "19.0.1.0.0",
    "category": "Services/Water utility",
    "author": "PWiK eBOK team",
    "website": "https://github.com/pwik-ebok/pwik-ebok",
    "license": "LGPL-3",
    "depends": ["pwik_billing", "queue_job"],
    "data": ["data/queue_job_data.xml"],
}
