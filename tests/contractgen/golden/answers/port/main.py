"""Where handlers and contract meet."""

import handlers
from answers import Api
from common import Caller, Context, Host

Api[Context, Caller](host=Host(), reports=handlers)
