package io.equator.coordinator.api;

import io.equator.model.error.ApiException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Collects what is wrong with a request's members, and says it in one {@code ValidationException}:
 * {@code 2 validation errors detected: Value 'x' at 'select' failed to satisfy constraint: …; …}.
 *
 * <p>The complaints stand in the order of the checks, at most ten of them. A check other than
 * {@link #notNull} of an absent member passes. Each check returns whether it passed, and makes no
 * string when it did.
 *
 * <p>Names of members are given as they stand in the complaint, in lower camel case. Inside lists,
 * maps and structures the path before the name is kept by {@link #enterElement}, {@link
 * #enterEntry}, {@link #enterStruct} and {@link #leave}:
 *
 * <pre>{@code
 * constraints.enterElement("keySchema", 0);        // keySchema.1.member.
 * constraints.notNull("attributeName", name);      // … at 'keySchema.1.member.attributeName' …
 * constraints.leave();
 * }</pre>
 */
public final class Constraints {
  /** More than this are not told. */
  private static final int ERRORS_MAX = 10;

  private static final String AT_LEAST = "greater than or equal to ";
  private static final String AT_MOST = "less than or equal to ";

  private final List<String> errors = new ArrayList<>(0);
  private final Deque<String> path = new ArrayDeque<>(0);

  /** Nothing is wrong yet. */
  public Constraints() {}

  // ---- where

  /** Goes into the element at this index, counted from 0, of a list. */
  public void enterElement(String list, int index) {
    path.addLast(list + "." + (index + 1) + ".member.");
  }

  /** Goes into the value of this key of a map. */
  public void enterEntry(String map, String key) {
    path.addLast(map + "." + key + ".member.");
  }

  /** Goes into a structure. */
  public void enterStruct(String member) {
    path.addLast(member + ".");
  }

  /** Leaves what was entered last. */
  public void leave() {
    path.removeLast();
  }

  // ---- checks

  /** The member is present. */
  public boolean notNull(String member, @Nullable Object value) {
    return value != null || fail(member, null, "Member must not be null");
  }

  /** The string has this many characters. */
  public boolean length(String member, @Nullable String value, int min, int max) {
    return value == null || size(member, value, value.length(), min, max);
  }

  /** The list or set has this many elements. */
  public boolean length(String member, @Nullable Collection<?> value, int min, int max) {
    return value == null || size(member, value, value.size(), min, max);
  }

  /** The map has this many entries. */
  public boolean length(String member, @Nullable Map<?, ?> value, int min, int max) {
    return value == null || size(member, value, value.size(), min, max);
  }

  /** The number is in this range, both ends included. */
  public boolean range(String member, @Nullable Integer value, long min, long max) {
    return value == null || inRange(member, value, min, max);
  }

  /** The number is in this range, both ends included. */
  public boolean range(String member, @Nullable Long value, long min, long max) {
    return value == null || inRange(member, value, min, max);
  }

  /** The whole string matches. */
  public boolean pattern(String member, @Nullable String value, TextPattern pattern) {
    return value == null || pattern.matches(value) || fail(member, value, pattern.rule());
  }

  /** The string is one of these. */
  public boolean enumValue(String member, @Nullable String value, EnumValues values) {
    return value == null || values.contains(value) || fail(member, value, values.rule());
  }

  // ---- what no check above covers

  /** Complains about a value, which is printed as Java prints it; null is printed bare. */
  public boolean fail(String member, @Nullable Object value, String rule) {
    String printed = value == null ? "null" : "'" + value + "'";
    return add(
        "Value " + printed + " at '" + pathTo(member) + "' failed to satisfy constraint: ", rule);
  }

  /** Complains as the newer front ends do: without the value. */
  public boolean failWithoutValue(String member, String rule) {
    return add("Value at '" + pathTo(member) + "' failed to satisfy constraint: ", rule);
  }

  /** Whether anything was wrong. */
  public boolean failed() {
    return !errors.isEmpty();
  }

  /** Ends the request if anything was wrong. */
  public void throwIfAny() {
    if (!errors.isEmpty()) {
      throw ApiException.validation(message());
    }
  }

  private String message() {
    int count = errors.size();
    return count
        + (count == 1 ? " validation error detected: " : " validation errors detected: ")
        + String.join("; ", errors);
  }

  private boolean size(String member, Object value, int size, int min, int max) {
    if (size > max) {
      return fail(member, value, "Member must have length " + AT_MOST + max);
    }
    return size >= min || fail(member, value, "Member must have length " + AT_LEAST + min);
  }

  private boolean inRange(String member, long value, long min, long max) {
    if (value > max) {
      return fail(member, value, "Member must have value " + AT_MOST + max);
    }
    return value >= min || fail(member, value, "Member must have value " + AT_LEAST + min);
  }

  private boolean add(String where, String rule) {
    if (errors.size() < ERRORS_MAX) {
      errors.add(where + rule);
    }
    return false;
  }

  private String pathTo(String member) {
    return path.isEmpty() ? member : String.join("", path) + member;
  }
}
