from . import pwik_notice, pwik_notice_kind
