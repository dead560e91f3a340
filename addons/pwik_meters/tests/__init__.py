from . import test_actions, test_documents, test_rights, test_translations, test_validation
