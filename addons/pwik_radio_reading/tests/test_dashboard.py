from .common import RadioCommon


class TestRadioTiles(RadioCommon):
    def tiles(self, user):
        groups = self.env["pwik.dashboard"].with_user(user).with_context(lang="en_US").get_data()
        return {tile["label"]: tile for group in groups for tile in group["tiles"]}

    def test_alarms_and_quarantine_are_counted_where_they_open(self):
        before = self.tiles(self.make_user("tiles", "pwik_meters.pwik_meters_group_reader"))
        self.import_dump()  # overlay 4 reports a leak, one telegram is of an unknown overlay
        after = self.tiles(self.env["res.users"].search([("login", "=", "tiles")]))
        for label, more in (("Urgent alarms", 1), ("All open alarms", 1), ("Telegrams in quarantine", 1)):
            tile = after[label]
            self.assertEqual(tile["count"], before[label]["count"] + more, label)
            action = self.env.ref(tile["action"])
            self.assertEqual(self.env[action.res_model].search_count(tile["domain"]), tile["count"], label)
        self.assertEqual(after["Urgent alarms"]["tone"], "danger")
