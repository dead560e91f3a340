"""Letters count as delivered when the post has them, no longer when their batch is made."""


def migrate(cr, version):
    # Nobody said yet that these batches were handed over: their letters wait in the list for who confirms it.
    cr.execute(
        """
        UPDATE pwik_delivery d SET state = 'printed', date_printed = b.create_date, date_done = NULL
          FROM pwik_delivery_batch b
         WHERE b.id = d.batch_id AND d.channel = 'paper' AND d.state = 'done' AND b.state = 'made'
        """
    )
    cr.execute(
        """
        UPDATE pwik_delivery d
           SET date_printed = b.create_date, posted_on = b.mailed_on,
               date_done = COALESCE(b.mailed_on + interval '12 hours', d.date_done)
          FROM pwik_delivery_batch b
         WHERE b.id = d.batch_id AND d.channel = 'paper' AND d.state = 'done' AND b.state = 'mailed'
        """
    )
