"""What approving does, one file a handler.

A kind of case names its ``handler``. For the handler ``x`` the case calls, where they exist:

- ``_prepare_portal_x(case_type, values, partner, contract, meter)``: values of a new case out of a customer's form;
- ``_check_x()``: raises what stands in the way of approving;
- ``_approve_x()``: does it. Returns False when the outcome is still open: the case then waits;
- ``_reject_x()``: undoes or tells, when the case is rejected.

A later addon adds its handler to the selection of ``pwik.case.type.handler`` and brings its methods.
"""

from . import complaint, data_change, reading, work_order
