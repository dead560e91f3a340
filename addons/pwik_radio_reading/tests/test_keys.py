import base64
import logging
from unittest.mock import patch

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form
from odoo.tools import config, mute_logger

from ..models.pwik_radio_module_keys import KEYS_GROUP
from ..tools import keyring
from .common import SERVER_KEY, RadioCommon

KEY = "00112233445566778899AABBCCDDEEFF"
OFFICE = (
    "pwik_meters.pwik_meters_group_manager",
    "base.group_system",
    "base.group_erp_manager",
    "base.group_allow_export",
)


def kem_file(serial, key, password):
    """A KEM of one meter as Kamstrup packs it: XML encryption, AES-128-CBC with the password as key and vector."""
    secret = password.encode().ljust(16, b"\0")
    inner = f"<Meters><Meter><SerialNo>{serial}</SerialNo><DEK>{key}</DEK></Meter></Meters>".encode()
    inner = inner.ljust(-(-len(inner) // 16) * 16, b"\0")
    hidden = base64.b64encode(Cipher(algorithms.AES(secret), modes.CBC(secret)).encryptor().update(inner))
    return b"<EncryptedData><CipherData><CipherValue>%s</CipherValue></CipherData></EncryptedData>" % hidden


class TestKeys(RadioCommon):
    """Keys are encrypted at rest and reach nobody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.module = cls.modules[1]
        cls.module.set_key(KEY)
        cls.token = cls.module.aes_key
        cls.admin = cls.make_user("radio-admin", *OFFICE)
        cls.keeper = cls.make_user("radio-keeper", KEYS_GROUP, "base.group_allow_export")

    def test_column_holds_no_key_in_clear(self):
        self.env.flush_all()
        self.env.cr.execute("SELECT aes_key FROM pwik_radio_module WHERE id = %s", [self.module.id])
        stored = self.env.cr.fetchone()[0]
        self.assertNotIn(KEY, stored.upper())
        self.assertEqual(Fernet(SERVER_KEY).decrypt(stored.encode()), bytes.fromhex(KEY))

    def test_database_refuses_a_key_in_clear(self):
        from psycopg2 import IntegrityError

        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.module.aes_key = KEY
            self.env.flush_all()

    def test_administrator_reads_neither_key_nor_ciphertext(self):
        module = self.module.with_user(self.admin)
        for attempt in (
            lambda: module.read(["aes_key"]),
            lambda: module.read(["key_input"]),
            lambda: module.export_data(["aes_key"]),
            lambda: module.search_read([], ["aes_key"]),
            lambda: module.web_read({"aes_key": {}}),
            lambda: module.search([("aes_key", "like", "gAAAA%")]),
            lambda: module.search([], order="aes_key"),
            lambda: module.formatted_read_group([], ["aes_key"], ["__count"]),
            lambda: module.set_key(KEY),
            lambda: module.write({"key_input": KEY}),
        ):
            with self.assertRaises(AccessError), mute_logger("odoo.models"):
                attempt()
        everything = repr(module.read()) + repr(module.export_data(list(module.fields_get())))
        for secret in (KEY, KEY.lower(), self.token, self.token[:40]):
            self.assertNotIn(secret, everything)
        self.assertTrue(module.has_key)

    def test_keeper_reads_no_ciphertext_either(self):
        module = self.module.with_user(self.keeper)
        for attempt in (
            lambda: module.read(["aes_key"]),
            lambda: module.export_data(["aes_key"]),
            lambda: module.web_read({"aes_key": {}}),
            lambda: module.search([("aes_key", "like", "gAAAA%")]),
            lambda: module.write({"aes_key": self.token}),
        ):
            with self.assertRaises(AccessError), mute_logger("odoo.models"):
                attempt()
        everything = repr(module.read()) + repr(module.export_data(list(module.fields_get())))
        self.assertNotIn(self.token[:40], everything)

    def test_keeper_sets_and_never_reads_back(self):
        module = self.modules[5].with_user(self.keeper)
        with Form(module) as form:
            form.key_input = KEY.lower()
        self.assertTrue(module.has_key)
        self.assertFalse(module.key_input)
        everything = repr(module.read()) + repr(module.export_data(list(module.fields_get())))
        self.assertNotIn(KEY, everything.upper())
        self.assertEqual(self.modules[5]._get_keys()[module.id], bytes.fromhex(KEY))

    def test_chatter_says_that_and_not_what(self):
        module = self.modules[5].with_context(tracking_disable=False)
        module.set_key(KEY)
        self.env.flush_all()
        messages = module.message_ids
        self.assertTrue(any("Key set" in (body or "") for body in messages.mapped("body")))
        said = repr(messages.read()) + repr(messages.tracking_value_ids.sudo().read())
        self.assertNotIn(KEY, said.upper())
        self.assertNotIn(module.aes_key, said)

    def test_logs_hold_no_key(self):
        with self.assertLogs("odoo", level=logging.DEBUG) as captured:
            logging.getLogger("odoo").debug("so that there is something to capture")
            self.module.set_key(KEY)
            self.import_dump()
            self.module.set_key("10" * 16)
            with self.assertRaises(UserError):
                self.module.set_key(KEY + "0")
        text = "\n".join(captured.output).upper()
        for secret in (KEY, *self.keys.values(), "10" * 16, SERVER_KEY.upper()):
            self.assertNotIn(secret, text)

    def test_errors_and_lines_hold_no_key(self):
        dump = self.import_dump()
        text = repr(dump.read()) + repr(dump.line_ids.read())
        for secret in self.keys.values():
            self.assertNotIn(secret, text.upper())
        with self.assertRaises(UserError) as caught:
            self.module.set_key(KEY[:-1])
        self.assertNotIn(KEY[:-1], str(caught.exception))

    def test_copy_takes_no_key_along(self):
        copy = self.module.copy({"serial": "10009999"})
        self.assertFalse(copy.has_key)

    def test_server_without_a_key_says_so(self):
        with (
            patch.dict(config.options, {"pwik_radio_key": ""}),
            patch.dict("os.environ", {"PWIK_RADIO_KEY": ""}),
        ):
            with self.assertRaisesRegex(UserError, "pwik_radio_key"):
                self.module.set_key(KEY)
        with patch.dict(config.options, {"pwik_radio_key": "no Fernet key"}):
            with self.assertRaisesRegex(UserError, "Fernet"):
                self.module.set_key(KEY)

    def test_key_from_the_environment(self):
        with (
            patch.dict(config.options, {"pwik_radio_key": ""}),
            patch.dict("os.environ", {"PWIK_RADIO_KEY": SERVER_KEY}),
        ):
            self.assertEqual(self.module._get_keys()[self.module.id], bytes.fromhex(KEY))

    def test_change_of_the_server_key(self):
        new = Fernet.generate_key().decode()
        with patch.dict(config.options, {"pwik_radio_key": f"{new},{SERVER_KEY}"}):
            self.assertEqual(self.module._get_keys()[self.module.id], bytes.fromhex(KEY))
            self.module.set_key(KEY)
        with patch.dict(config.options, {"pwik_radio_key": new}):
            self.assertEqual(self.module._get_keys()[self.module.id], bytes.fromhex(KEY))

    def test_a_server_key_that_is_gone_is_told_apart(self):
        """An overlay without a key, one whose key no server key opens, and a server without any usable key."""
        with patch.dict(config.options, {"pwik_radio_key": Fernet.generate_key().decode()}):
            lines = self.lines_by_number(self.import_dump())
        self.assertEqual((lines[1].reason, lines[8].reason), ("bad_key", "no_key"))
        for server_key in ("", "no Fernet key"):
            with (
                patch.dict(config.options, {"pwik_radio_key": server_key}),
                patch.dict("os.environ", {"PWIK_RADIO_KEY": ""}),
                mute_logger("odoo.addons.pwik_radio_reading.models.pwik_radio_dump_process"),
            ):
                dump = self.import_dump(self.tour + f"# {server_key}\n".encode())
            self.assertEqual((dump.state, dump.error), ("error", "server_key"))
        dump.action_process()
        self.assertEqual((dump.state, dump.error), ("done", False))
        self.assertFalse(
            {"no_key", "bad_key"} & set((dump.line_ids - self.lines_by_number(dump)[8]).mapped("reason"))
        )

    def test_all_keys_move_to_the_new_server_key(self):
        new, lost = Fernet.generate_key().decode(), Fernet.generate_key().decode()
        archived = self.modules[2]
        archived.set_key("22" * 16)
        archived.active = False
        self.modules[3].aes_key = Fernet(lost).encrypt(bytes(16)).decode()
        orphan = self.modules[3].aes_key
        modules = self.env["pwik.radio.module"]
        with self.assertRaises(AccessError):
            modules.with_user(self.admin).action_renew_keys()
        with patch.dict(config.options, {"pwik_radio_key": f"{new},{SERVER_KEY}"}):
            told = modules.with_user(self.keeper).action_renew_keys()["params"]
        self.assertEqual(told["type"], "warning")
        self.assertIn(": 1.", told["message"])
        with patch.dict(config.options, {"pwik_radio_key": new}):
            self.assertEqual(self.module._get_keys()[self.module.id], bytes.fromhex(KEY))
            self.assertEqual(archived._get_keys()[archived.id], bytes.fromhex("22" * 16))
            self.assertIsNone(self.modules[3]._get_keys()[self.modules[3].id])
        self.assertEqual(self.modules[3].aes_key, orphan)

    def test_many_keys_opened_at_once(self):
        """As Fernet itself opens them, of two server keys in any order; what is damaged or foreign gives none."""
        servers = [Fernet.generate_key().decode() for _number in range(3)]
        keys = [bytes([number]) * 16 for number in range(40)]
        tokens = [Fernet(servers[number % 3]).encrypt(key).decode() for number, key in enumerate(keys)]
        ring = keyring.Keyring(servers[:2])
        self.assertEqual(
            ring.decrypt_all(tokens), [None if number % 3 == 2 else key for number, key in enumerate(keys)]
        )
        whole = tokens[0]
        for place in range(len(whole)):
            # not a neighbour: of the last character only the upper bits count
            other = "A" if whole[place] not in "ABCD" else "Q"
            self.assertEqual(ring.decrypt_all([whole[:place] + other + whole[place + 1 :]]), [None], place)
        long = Fernet(servers[0]).encrypt(bytes(17)).decode()
        short = Fernet(servers[0]).encrypt(bytes(15)).decode()
        odd = Fernet(servers[0]).encrypt(bytes(31)).decode()
        for bad in ("", "gAAAA", "ż" * 120, whole[:-4], whole[4:], long, short, odd):
            self.assertEqual(ring.decrypt_all([bad, whole]), [None, keys[0]], bad)

    def test_forms_of_a_key(self):
        raw = bytes.fromhex(KEY)
        for text in (KEY, KEY.lower(), "-".join(KEY[i : i + 2] for i in range(0, 32, 2)), f"  {KEY}\n"):
            self.assertEqual(keyring.parse_hex_key(text), raw)
        for text in ("", None, KEY[:-1], KEY + "00", "x" * 32):
            self.assertIsNone(keyring.parse_hex_key(text))


class TestKeyFile(RadioCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keeper = cls.make_user("radio-keeper", KEYS_GROUP)
        cls.rows = (
            "manufacturer;serial;key\n"
            f"BMT;10000005;{KEY}\n"
            f"XXX;10000001;{KEY}\n"
            f";99999999;{KEY}\n"
            "BMT;10000006;no key at all\n"
        )

    def test_keys_of_known_overlays_are_set(self):
        before = self.modules[1].aes_key
        result = (
            self.env["pwik.radio.module"].with_user(self.keeper).import_keys(self.encode(self.rows.encode()))
        )
        self.assertEqual(self.modules[5]._get_keys()[self.modules[5].id], bytes.fromhex(KEY))
        self.assertEqual(self.modules[1].aes_key, before)
        self.assertEqual((result["set"], result["unknown"]), (1, ["10000001", "99999999"]))
        self.assertEqual([problem["row"] for problem in result["problems"]], [5])
        self.assertNotIn(KEY, repr(result).upper())

    def test_version_and_medium_tell_overlays_of_one_number_apart(self):
        first = self.modules[5]  # BMT 10000005 01 07
        second = first.copy({"serial": "10000005", "version": "02"})
        vague = first.copy({"serial": "10000005", "version": False})
        keys = {number: f"{number}" * 32 for number in "1234"}

        def set_keys(*rows):
            (first | second | vague).sudo().aes_key = False
            content = "\n".join(("manufacturer;serial;version;medium;key", *rows))
            result = (
                self.env["pwik.radio.module"]
                .with_user(self.keeper)
                .import_keys(self.encode(content.encode()))
            )
            found = [module._get_keys()[module.id] for module in (first, second, vague)]
            return [key and key.hex()[0] for key in found], result

        self.assertEqual(set_keys(f"BMT;10000005;2;;{keys['1']}")[0], [None, "1", None])
        self.assertEqual(set_keys(f"BMT;10000005;02;07;{keys['1']}")[0], [None, "1", None])
        self.assertEqual(set_keys(f"BMT;10000005;09;;{keys['1']}")[0], [None, None, "1"])
        self.assertEqual(set_keys(f"BMT;10000005;01;06;{keys['1']}")[1]["unknown"], ["10000005"])
        # the row that names more stands, wherever it comes
        found, result = set_keys(f"BMT;10000005;02;;{keys['1']}", f"BMT;10000005;;;{keys['2']}")
        self.assertEqual((found, result["set"], result["problems"]), (["2", "1", "2"], 2, []))
        found, result = set_keys(f"BMT;10000005;1FF;;{keys['1']}")
        self.assertEqual((found, result["problems"][0]["code"]), ([None, None, None], "bad_row"))

    def test_wizard_keeps_neither_file_nor_password(self):
        wizard = self.env["pwik.radio.key.wizard"].with_user(self.keeper)
        with Form(wizard) as form:
            form.file = self.encode(self.rows.encode())
            form.password = "not needed here"
        record = form.record
        self.assertTrue(self.modules[5].has_key)
        self.assertIn("99999999", record.report)
        self.env.flush_all()
        self.env.cr.execute("SELECT * FROM pwik_radio_key_wizard WHERE id = %s", [record.id])
        stored = repr(self.env.cr.fetchall())
        attachments = self.env["ir.attachment"].search(
            [("res_model", "=", record._name), ("res_field", "!=", False)]
        )
        self.assertFalse(attachments)
        for secret in (KEY, "not needed here"):
            self.assertNotIn(secret, stored)
            self.assertNotIn(secret, repr(record.read()))

    def test_wizard_says_in_words_what_each_row_lacks(self):
        rows = (
            "Producent;Nr nakładki;Klucz\n"
            f"BMT;10000005;{KEY}\n"
            f"BMT;10000005;{'1' * 32}\n"
            "BMT;1000000Z;" + KEY + "\n"
            "BM;10000006;" + KEY + "\n"
        )
        wizard = self.env["pwik.radio.key.wizard"].with_user(self.keeper)
        with Form(wizard) as form:
            form.file = self.encode(rows.encode("cp1250"))  # as a Polish spreadsheet saves it
        record = form.record
        self.assertEqual((record.set_count, record.trouble_count), (1, 3))
        report = record.report.splitlines()
        self.assertEqual(len(report), 4)
        for number, words in enumerate(("another key", "8 digits", "three letters"), 1):
            self.assertIn(words, report[number])
        self.assertNotIn(KEY, record.report)

    def test_telegrams_that_waited_for_the_key_run_again(self):
        line = self.lines_by_number(self.import_dump())[8]
        self.assertEqual(line.reason, "no_key")
        right = self.env["pwik.radio.key.wizard"].with_user(self.keeper)
        with Form(right) as form:
            form.file = self.encode(f"serial,key\n10000005,{KEY}\n".encode())
        self.assertEqual(form.record.waiting_count, 1)
        form.record.action_run_again()
        self.assertEqual(line.reason, "wrong_key")  # it was asked again: the made-up key does not open it

    def test_without_a_file_the_wizard_asks_for_one(self):
        wizard = self.env["pwik.radio.key.wizard"].with_user(self.keeper).create({})
        with self.assertRaisesRegex(UserError, "Choose"):
            wizard.action_import()

    def test_kem_without_its_password_and_with_a_wrong_one(self):
        kem = kem_file("10000004", KEY, "right")
        modules = self.env["pwik.radio.module"].with_user(self.keeper)
        with self.assertRaisesRegex(UserError, "enter its password"):
            modules.import_keys(self.encode(kem))
        with self.assertRaisesRegex(UserError, "does not open"):
            modules.import_keys(self.encode(kem), "wrong")
        self.assertEqual(modules.import_keys(self.encode(kem), "right")["module_ids"], self.modules[4].ids)

    def test_bad_files(self):
        modules = self.env["pwik.radio.module"].with_user(self.keeper)
        for content in (b"", b"\x00\x01", b"<xml/>"):
            with self.assertRaises(UserError):
                modules.import_keys(self.encode(content))
        with self.assertRaises(UserError):
            modules.import_keys("no base64 ü")

    def test_only_keepers(self):
        office = self.make_user("radio-office", "pwik_meters.pwik_meters_group_manager")
        with self.assertRaises(AccessError):
            self.env["pwik.radio.module"].with_user(office).import_keys(self.encode(self.rows.encode()))
        with self.assertRaises(AccessError):
            self.env["pwik.radio.key.wizard"].with_user(office).create({})
