package io.equator.model.expression;

import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ValueProblem;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ExpressionAttributeValues of one request: encoded, in the order of the request, each perhaps
 * with a problem that is told only when its turn comes in DynamoDB's order of checks.
 *
 * <p>Filled by whoever reads the request, then only read. Not for several threads.
 */
public final class ExpressionValues {
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /**
   * One placeholder's value, or what is wrong with it.
   *
   * @param value the value; null when there is a problem
   * @param problem what is wrong with the value
   */
  private record Entry(@Nullable EncodedValue value, @Nullable ValueProblem problem) {}

  /** Values from objects. */
  public static ExpressionValues of(Map<String, AttributeValue> values) {
    ExpressionValues result = new ExpressionValues();
    values.forEach((name, value) -> result.put(name, EncodedValue.of(value)));
    return result;
  }

  /** Adds a value; of two with one name the later stands. */
  public void put(String placeholder, EncodedValue value) {
    entries.put(placeholder, new Entry(value, null));
  }

  /** Adds a placeholder whose value is no value. */
  public void putProblem(String placeholder, ValueProblem problem) {
    entries.put(placeholder, new Entry(null, problem));
  }

  /** Whether there is none. */
  public boolean isEmpty() {
    return entries.isEmpty();
  }

  /** The placeholders in the order of the request. */
  public Collection<String> placeholders() {
    return entries.keySet();
  }

  /** The value of a placeholder; null when it has none. */
  public @Nullable EncodedValue value(String placeholder) {
    Entry entry = entries.get(placeholder);
    return entry == null ? null : entry.value();
  }

  /** What is wrong with the value of a placeholder; null when nothing is. */
  public @Nullable ValueProblem problem(String placeholder) {
    Entry entry = entries.get(placeholder);
    return entry == null ? null : entry.problem();
  }
}
