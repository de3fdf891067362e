"""Flask extensions without an application. The AppBuilder is made inside the factory."""

from flask_appbuilder import Model
from flask_appbuilder.utils.legacy import get_sqla_class
from flask_wtf.csrf import CSRFProtect

# One metadata for FAB's tables and ours: migrations see both.
db = get_sqla_class()(model_class=Model)
csrf = CSRFProtect()
