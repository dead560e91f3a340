from . import test_closed_forms, test_links, test_routes, test_submissions, test_translations, test_visibility
