package io.equator.coordinator.partiql;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.equator.model.partiql.Statement;

/**
 * Remembers parsed statements by their text: applications send the same few again and again, with
 * other parameters. Bounded by the length of the texts. Errors are not kept.
 */
public final class StatementCache {
  private final Cache<String, Statement> statements;

  /** A cache of at most this many characters of text. */
  public StatementCache(long charactersMax) {
    statements =
        Caffeine.newBuilder()
            .maximumWeight(charactersMax)
            .weigher((String text, Statement _) -> Math.max(1, text.length()))
            .build();
  }

  /** The statement of a text. */
  Statement parsed(String text) {
    Statement known = statements.getIfPresent(text);
    if (known != null) {
      return known;
    }
    Statement parsed = Statement.parse(text);
    statements.put(text, parsed);
    return parsed;
  }
}
