package io.equator.model.expression;

import io.equator.model.error.ApiException;
import io.equator.model.expression.legacy.ConditionalOperator;
import io.equator.model.expression.legacy.LegacyCondition;
import io.equator.model.expression.legacy.LegacyConditions;
import io.equator.model.expression.legacy.LegacyExpectation;
import io.equator.model.expression.legacy.LegacyUpdate;
import io.equator.model.expression.legacy.LegacyUpdates;
import io.equator.model.expression.parse.PathSyntax;
import io.equator.proto.Condition;
import io.equator.proto.Path;
import io.equator.proto.PathElement;
import io.equator.proto.Projection;
import io.equator.proto.Update;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All expressions and legacy parameters of one request, checked together in DynamoDB's order.
 *
 * <p>Used in three steps: give it what the request says (null for what it does not), {@link
 * #checkParameters} right after the member constraints, {@link #resolve} after the values of the
 * item or key were checked. Not for several threads; made per request.
 */
public final class RequestExpressions {
  private final RequestKind request;
  private final ParseCache cache;
  private final Map<ExpressionKind, String> texts = new EnumMap<>(ExpressionKind.class);
  private ValueErrors valueErrors = ValueErrors.OLDER;
  private @Nullable Map<String, String> names;
  private @Nullable ExpressionValues values;
  private @Nullable List<String> attributesToGet;
  private @Nullable List<LegacyUpdate> attributeUpdates;
  private @Nullable List<LegacyExpectation> expected;
  private @Nullable List<LegacyCondition> keyConditions;
  private @Nullable List<LegacyCondition> filter;
  private @Nullable ConditionalOperator conditionalOperator;

  private RequestExpressions(RequestKind request, ParseCache cache) {
    this.request = request;
    this.cache = cache;
  }

  /** The expressions of a request of this kind; none so far. */
  public static RequestExpressions of(RequestKind request, ParseCache cache) {
    return new RequestExpressions(request, cache);
  }

  /** How problems of values are worded; {@link ValueErrors#OLDER} unless said. */
  public RequestExpressions valueErrors(ValueErrors wording) {
    valueErrors = wording;
    return this;
  }

  /** ExpressionAttributeNames. */
  public RequestExpressions names(@Nullable Map<String, String> expressionAttributeNames) {
    names = expressionAttributeNames;
    return this;
  }

  /** ExpressionAttributeValues. */
  public RequestExpressions values(@Nullable ExpressionValues expressionAttributeValues) {
    values = expressionAttributeValues;
    return this;
  }

  /** UpdateExpression. */
  public RequestExpressions update(@Nullable String text) {
    return text(ExpressionKind.UPDATE, text);
  }

  /** ConditionExpression. */
  public RequestExpressions condition(@Nullable String text) {
    return text(ExpressionKind.CONDITION, text);
  }

  /** KeyConditionExpression. */
  public RequestExpressions keyCondition(@Nullable String text) {
    return text(ExpressionKind.KEY_CONDITION, text);
  }

  /** FilterExpression. */
  public RequestExpressions filter(@Nullable String text) {
    return text(ExpressionKind.FILTER, text);
  }

  /** ProjectionExpression. */
  public RequestExpressions projection(@Nullable String text) {
    return text(ExpressionKind.PROJECTION, text);
  }

  private RequestExpressions text(ExpressionKind kind, @Nullable String text) {
    if (text != null) {
      texts.put(kind, text);
    }
    return this;
  }

  /** AttributesToGet. */
  public RequestExpressions attributesToGet(@Nullable List<String> attributes) {
    attributesToGet = attributes;
    return this;
  }

  /** AttributeUpdates. */
  public RequestExpressions attributeUpdates(@Nullable List<LegacyUpdate> updates) {
    attributeUpdates = updates;
    return this;
  }

  /** Expected. */
  public RequestExpressions expected(@Nullable List<LegacyExpectation> expectations) {
    expected = expectations;
    return this;
  }

  /** KeyConditions. */
  public RequestExpressions keyConditions(@Nullable List<LegacyCondition> conditions) {
    keyConditions = conditions;
    return this;
  }

  /** QueryFilter or ScanFilter. */
  public RequestExpressions legacyFilter(@Nullable List<LegacyCondition> conditions) {
    filter = conditions;
    return this;
  }

  /** ConditionalOperator. */
  public RequestExpressions conditionalOperator(@Nullable ConditionalOperator operator) {
    conditionalOperator = operator;
    return this;
  }

  /**
   * Checks which parameters stand together: legacy ones beside expressions, and names and values
   * without an expression that could use them.
   *
   * @throws ApiException with DynamoDB's complaint
   */
  public void checkParameters() {
    List<String> given = new ArrayList<>(3);
    for (ExpressionKind kind : request.expressions()) {
      if (texts.containsKey(kind)) {
        given.add(kind.parameter());
      }
    }
    if (!given.isEmpty()) {
      List<String> legacy = legacyParameters();
      if (!legacy.isEmpty()) {
        throw ApiException.validation(
            "Can not use both expression and non-expression parameters in the same request:"
                + " Non-expression parameters: {"
                + String.join(", ", legacy)
                + "} Expression parameters: {"
                + String.join(", ", given)
                + "}");
      }
    } else if (names != null) {
      throw ApiException.validation(
          "ExpressionAttributeNames can only be specified when using expressions");
    }
    if (values != null) {
      checkValuesCanBeUsed();
    }
  }

  private List<String> legacyParameters() {
    List<String> given = new ArrayList<>(4);
    addIf(given, attributesToGet != null, "AttributesToGet");
    addIf(given, attributeUpdates != null, "AttributeUpdates");
    addIf(given, expected != null, "Expected");
    addIf(given, filter != null, request == RequestKind.SCAN ? "ScanFilter" : "QueryFilter");
    addIf(given, conditionalOperator != null, "ConditionalOperator");
    // KeyConditions go together with a FilterExpression or ProjectionExpression.
    boolean keyExpression = texts.containsKey(ExpressionKind.KEY_CONDITION);
    addIf(given, keyConditions != null && keyExpression, "KeyConditions");
    return given;
  }

  private static void addIf(List<String> given, boolean condition, String parameter) {
    if (condition) {
      given.add(parameter);
    }
  }

  private void checkValuesCanBeUsed() {
    List<String> absent = new ArrayList<>(2);
    for (ExpressionKind kind : request.expressions()) {
      if (kind != ExpressionKind.PROJECTION) {
        if (texts.containsKey(kind)) {
          return;
        }
        absent.add(kind.parameter());
      }
    }
    if (!absent.isEmpty()) {
      throw ApiException.validation(
          "ExpressionAttributeValues can only be specified when using expressions: "
              + String.join(" and ", absent)
              + (absent.size() > 1 ? " are null" : " is null"));
    }
  }

  /**
   * Checks the legacy parameters, the maps of names and values, and each expression, and puts names
   * and values in.
   *
   * @throws ApiException with DynamoDB's complaint about the first that is wrong in its order
   */
  public ResolvedExpressions resolve() {
    checkLegacy();
    if (request == RequestKind.QUERY
        && keyConditions == null
        && !texts.containsKey(ExpressionKind.KEY_CONDITION)) {
      throw ApiException.validation(
          "Either the KeyConditions or KeyConditionExpression parameter must be specified in the"
              + " request.");
    }
    ExpressionContext context = new ExpressionContext(names, values);
    context.checkMaps(valueErrors);
    Update update = null;
    Condition condition = null;
    KeyConditionResolver keyResolver = null;
    Condition filterCondition = null;
    Projection projection = null;
    for (Map.Entry<ExpressionKind, String> entry : texts.entrySet()) {
      switch (cache.parsed(entry.getKey(), entry.getValue())) {
        case ParsedUpdate(var syntax) -> update = new UpdateResolver(context).resolve(syntax);
        case ParsedCondition(var kind, var syntax) -> {
          Condition resolved = new ConditionResolver(context, entry.getKey()).resolve(syntax);
          if (kind == ExpressionKind.CONDITION) {
            condition = resolved;
          } else {
            filterCondition = resolved;
          }
        }
        case ParsedKeyCondition(var syntax) -> {
          keyResolver = new KeyConditionResolver(context);
          keyResolver.resolve(syntax);
        }
        case ParsedProjection(var paths) -> projection = resolveProjection(paths, context);
      }
    }
    context.checkUnused();
    ResolvedKeyCondition keyCondition = resolveKeyCondition(keyResolver);
    ConditionalOperator join =
        conditionalOperator == null ? ConditionalOperator.AND : conditionalOperator;
    if (attributeUpdates != null) {
      update = LegacyUpdates.toUpdate(attributeUpdates);
    }
    if (expected != null) {
      condition = LegacyConditions.expectedToCondition(expected, join);
    }
    if (filter != null) {
      filterCondition = LegacyConditions.toCondition(filter, join);
    }
    if (attributesToGet != null) {
      projection = topLevel(attributesToGet);
    }
    return new ResolvedExpressions(
        Optional.ofNullable(update),
        Optional.ofNullable(condition),
        Optional.ofNullable(keyCondition),
        Optional.ofNullable(filterCondition),
        filter != null,
        Optional.ofNullable(projection));
  }

  private void checkLegacy() {
    if (attributeUpdates != null) {
      LegacyUpdates.check(attributeUpdates);
    }
    if (expected != null) {
      LegacyConditions.checkExpected(expected);
    }
    if (filter != null) {
      LegacyConditions.check(filter);
    }
    if (attributesToGet != null) {
      checkNoDuplicate(attributesToGet);
    }
    if (conditionalOperator != null) {
      int conditions = expected != null ? expected.size() : filter != null ? filter.size() : 0;
      if (expected == null && filter == null) {
        throw ApiException.validation(
            "ConditionalOperator cannot be used without Filter or Expected");
      }
      if (conditions < 2) {
        throw ApiException.validation(
            "ConditionalOperator can only be used when Filter or Expected has two or more"
                + " elements");
      }
    }
  }

  private static void checkNoDuplicate(List<String> attributes) {
    Set<String> seen = new HashSet<>();
    for (String attribute : attributes) {
      if (!seen.add(attribute)) {
        throw ApiException.validation(
            "One or more parameter values were invalid: Duplicate value in attribute name: "
                + attribute);
      }
    }
  }

  private @Nullable ResolvedKeyCondition resolveKeyCondition(
      @Nullable KeyConditionResolver keyResolver) {
    if (keyResolver != null) {
      return keyResolver.toKeyCondition();
    }
    if (keyConditions == null) {
      return null;
    }
    LegacyConditions.check(keyConditions);
    if (keyConditions.isEmpty() || keyConditions.size() > 2) {
      throw ApiException.validation("Conditions can be of length 1 or 2 only");
    }
    return new ResolvedKeyCondition(keyConditions);
  }

  private static Projection resolveProjection(List<PathSyntax> syntax, ExpressionContext context) {
    List<Path> paths = new ArrayList<>(syntax.size());
    for (PathSyntax path : syntax) {
      paths.add(context.path(path, ExpressionKind.PROJECTION));
    }
    PathOverlaps.check(ExpressionKind.PROJECTION, paths);
    return Projection.newBuilder().addAllPaths(paths).build();
  }

  private static Projection topLevel(List<String> attributes) {
    Projection.Builder projection = Projection.newBuilder();
    for (String attribute : attributes) {
      projection.addPaths(
          Path.newBuilder().addElements(PathElement.newBuilder().setField(attribute)));
    }
    return projection.build();
  }
}
