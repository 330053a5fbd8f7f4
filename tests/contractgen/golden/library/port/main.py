"""Where handlers and contract meet."""

import handlers
from common import Caller, Context, Host, Hours
from library import Api

Api[Context, Caller](host=Host(), books=handlers, opening_hours=Hours())
