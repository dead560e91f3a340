{
    "name": "PWiK: packets by queue_job",
    "summary": "Hands the packets of imports and billing runs to OCA's job queue; optional",
    "version": "19.0.1.0.0",
    "category": "Services/Water utility",
    "author": "PWiK eBOK team",
    "website": "https://github.com/pwik-ebok/pwik-ebok",
    "license": "LGPL-3",
    "depends": ["pwik_radio_reading", "pwik_billing", "queue_job"],
    "data": ["data/queue_job_data.xml"],
}
