{
    "name": "PWiK: contracts, meters, readings",
    "summary": "The register of a water utility: contracts, service points, meters, readings and their validation",
    "version": "19.0.1.0.0",
    "category": "Services/Water utility",
    "author": "PWiK eBOK team",
    "website": "https://github.com/pwik-ebok/pwik-ebok",
    "license": "LGPL-3",
    "depends": ["mail", "portal", "uom", "contacts"],
    "data": [
        "security/pwik_meters_groups.xml",
        "security/ir.model.access.csv",
        "security/pwik_meters_security.xml",
        "data/ir_sequence_data.xml",
    ],
    "demo": [],
    "pre_init_hook": "pre_init_hook",
    "application": True,
}
