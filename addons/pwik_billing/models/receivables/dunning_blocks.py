"""Why open items get no reminder now: complaints that are open, stops and agreements."""


class DunningBlocks:
    """The reasons for the open items ``lines`` of ``partners`` (commercial partners) on ``day``; two queries."""

    def __init__(self, env, company, day, partners, lines):
        self.env = env
        self.by_move, self.by_contract, self.by_partner = {}, {}, {}
        for stop in env["pwik.dunning.stop"]._get_in_force(partners, company, day):
            target = self.by_move if stop.move_ids else self.by_partner
            keys = stop.move_ids if stop.move_ids else stop.partner_id.commercial_partner_id
            target.update(dict.fromkeys(keys, stop._get_reason()))
        contracts = lines.move_id.pwik_contract_id
        cases = env["pwik.case"].search(
            [
                ("company_id", "=", company.id),
                ("type_id.handler", "=", "complaint"),
                ("is_closed", "=", False),
                "|",
                ("contract_id", "in", contracts.ids),
                ("partner_id", "child_of", partners.ids),
            ]
        )
        for case in cases:
            self._block_by_case(case)

    def _block_by_case(self, case):
        reason = self.env._("Open complaint %s.", case.number)
        if case.disputed_move_id:
            self.by_move[case.disputed_move_id] = reason
        elif case.contract_id:
            self.by_contract[case.contract_id] = reason
        else:
            self.by_partner[case.partner_id.commercial_partner_id] = reason

    def reason(self, line):
        """Why this open item is left out, or an empty string."""
        move = line.move_id
        return (
            self.by_move.get(move)
            or self.by_contract.get(move.pwik_contract_id)
            or self.by_partner.get(line.partner_id)
            or ""
        )
