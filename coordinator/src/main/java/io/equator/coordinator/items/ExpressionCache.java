package io.equator.coordinator.items;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.equator.model.expression.ExpressionKind;
import io.equator.model.expression.ParseCache;
import io.equator.model.expression.ParsedExpression;
import java.util.EnumMap;
import java.util.Map;

/**
 * Remembers the parsed forms of expressions by their text: applications send the same few again and
 * again. Bounded by the length of the texts, so that texts made anew for each request only push out
 * one another. Errors are not kept.
 */
public final class ExpressionCache implements ParseCache {
  private final Map<ExpressionKind, Cache<String, ParsedExpression>> caches =
      new EnumMap<>(ExpressionKind.class);

  /** A cache of at most this many characters of text for each kind of expression. */
  public ExpressionCache(long charactersMax) {
    for (ExpressionKind kind : ExpressionKind.values()) {
      caches.put(
          kind,
          Caffeine.newBuilder()
              .maximumWeight(charactersMax)
              .weigher((String text, ParsedExpression _) -> Math.max(1, text.length()))
              .build());
    }
  }

  @Override
  public ParsedExpression parsed(ExpressionKind kind, String text) {
    Cache<String, ParsedExpression> cache = caches.get(kind);
    if (cache == null) {
      throw new IllegalArgumentException(kind.toString());
    }
    ParsedExpression known = cache.getIfPresent(text);
    if (known != null) {
      return known;
    }
    ParsedExpression parsed = ParsedExpression.parse(kind, text);
    cache.put(text, parsed);
    return parsed;
  }
}
