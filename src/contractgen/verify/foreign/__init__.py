"""A second reading of the contract: raw schemas, judged by validators that generated code does not use.

Nothing here may import `contractgen.schema`, `plan`, `models` or `render`: what these misread must show.
"""
