package webhook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// CreateTable is the statement that makes the table of [InTx], for PostgreSQL and SQLite. Run it once, or put it into your
// migrations.
const CreateTable = `CREATE TABLE IF NOT EXISTS fintoken_webhook_events (
	id TEXT PRIMARY KEY,
	handled_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
)`

// InTx notes within a transaction that an event is handled, and reports whether that is new. Where it is not, leave the
// effect out. Since the note and the effect are committed together, the effect happens exactly once, whatever dies in
// between and however often the event comes:
//
//	tx, err := db.BeginTx(ctx, nil)
//	…
//	defer tx.Rollback()
//	if fresh, err := webhook.InTx(ctx, tx, event.ID); err != nil || !fresh {
//		return err
//	}
//	… // the effect, by tx alone
//	return tx.Commit()
//
// While another transaction handles the same event, it waits for the end of that one. It needs the table of
// [CreateTable], and a database that knows ON CONFLICT: PostgreSQL or SQLite. Ids of several providers do not meet: put the
// name of the provider before them where they are not random.
func InTx(ctx context.Context, tx *sql.Tx, id string) (fresh bool, err error) {
	if id == "" {
		return false, errors.New("webhook: InTx: id must not be empty")
	}
	result, err := tx.ExecContext(ctx, "INSERT INTO fintoken_webhook_events (id) VALUES ($1) ON CONFLICT (id) DO NOTHING", id)
	if err != nil {
		return false, fmt.Errorf("webhook: InTx: %w", err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("webhook: InTx: %w", err)
	}
	return n == 1, nil
}
