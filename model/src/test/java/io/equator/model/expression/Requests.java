package io.equator.model.expression;

import io.equator.model.error.ApiException;
import io.equator.model.item.AttributeValue;
import io.equator.proto.Condition;
import io.equator.proto.Projection;
import io.equator.proto.Update;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Requests with one expression, for tests; placeholders are made from the maps in one notation. */
final class Requests {

  private Requests() {}

  /** Names are those entries of the map that begin with {@code #}, values those with a colon. */
  static RequestExpressions of(RequestKind kind, String placeholders) {
    Map<String, String> names = new LinkedHashMap<>();
    Map<String, AttributeValue> values = new LinkedHashMap<>();
    Notation.map(placeholders)
        .forEach(
            (key, value) -> {
              if (key.startsWith("#")) {
                names.put(key, ((AttributeValue.S) value).value());
              } else {
                values.put(key, value);
              }
            });
    return RequestExpressions.of(kind, ParseCache.none())
        .names(names.isEmpty() ? null : names)
        .values(values.isEmpty() ? null : ExpressionValues.of(values));
  }

  static Condition condition(String text, String placeholders) {
    return resolve(of(RequestKind.PUT_ITEM, placeholders).condition(text))
        .condition()
        .orElseThrow();
  }

  static Update update(String text, String placeholders) {
    return resolve(of(RequestKind.UPDATE_ITEM, placeholders).update(text)).update().orElseThrow();
  }

  static Projection projection(String text, String placeholders) {
    return resolve(of(RequestKind.GET_ITEM, placeholders).projection(text))
        .projection()
        .orElseThrow();
  }

  static ResolvedKeyCondition keyCondition(String text, String placeholders) {
    return resolve(of(RequestKind.QUERY, placeholders).keyCondition(text))
        .keyCondition()
        .orElseThrow();
  }

  static ResolvedExpressions resolve(RequestExpressions request) {
    request.checkParameters();
    return request.resolve();
  }

  /** The message of the error, or {@code ok}. */
  static String outcome(Supplier<?> action) {
    try {
      Object ignored = action.get();
      return ignored == null ? "nothing" : "ok";
    } catch (ApiException e) {
      return nonNull(e.error().message());
    }
  }

  private static String nonNull(@Nullable String text) {
    return text == null ? "no message" : text;
  }
}
