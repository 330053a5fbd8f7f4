"""HTTP/1.1 on sockets: the protocol that uvicorn runs for a service, with limits on what clients hold.

`Wire` is uvicorn's option `http`. A `Connection` takes one request after another from its bytes, an
`Exchange` is one request and its response as an ASGI application sees them.
"""
