from . import pwik_ebok_letter
