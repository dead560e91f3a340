from . import metrics
from . import export
