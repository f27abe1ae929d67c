package io.equator.model.expression;

import io.equator.proto.Condition;
import io.equator.proto.Projection;
import io.equator.proto.Update;
import java.util.Optional;

/**
 * What the expressions and legacy parameters of one request say, with names and values in.
 *
 * @param update UpdateExpression or AttributeUpdates
 * @param condition ConditionExpression or Expected
 * @param keyCondition KeyConditionExpression or KeyConditions
 * @param filter FilterExpression, QueryFilter or ScanFilter
 * @param filterIsLegacy whether the filter is a QueryFilter or ScanFilter, which errors name
 * @param projection ProjectionExpression or AttributesToGet
 */
public record ResolvedExpressions(
    Optional<Update> update,
    Optional<Condition> condition,
    Optional<ResolvedKeyCondition> keyCondition,
    Optional<Condition> filter,
    boolean filterIsLegacy,
    Optional<Projection> projection) {}
