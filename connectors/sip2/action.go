package sip2

import (
	"context"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

func (s *source) Do(ctx context.Context, who record.Ref, a record.Action) (record.Receipt, error) {
	return record.Receipt{}, connectors.ErrRefused
}
