package io.equator.model.item;

import io.equator.model.number.NumberText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The members of the set that is being encoded: where they stand, and how they are sorted. */
final class SetMembers {
  private static final int OFFSETS = 16;

  /** More room than this is not kept for the next set. */
  private static final int OFFSETS_KEPT_MAX = 4096;

  private int[] offsets = new int[OFFSETS];
  private int count;

  void clear() {
    if (offsets.length > OFFSETS_KEPT_MAX) {
      offsets = new int[OFFSETS];
    }
    count = 0;
  }

  /** A member (its length, then its bytes) begins here. */
  void add(int offset) {
    if (count == offsets.length) {
      offsets = Arrays.copyOf(offsets, 2 * count);
    }
    offsets[count++] = offset;
  }

  /**
   * Sorts the members in place; they fill the buffer between the two positions.
   *
   * @return what is wrong with the set; null when nothing is
   */
  @Nullable ValueProblem settle(ValueType type, byte[] buffer, int start, int end) {
    if (count == 0) {
      return new ValueProblem.EmptySet(type);
    }
    Member previous = new Member(buffer, offsets[0], end);
    boolean sorted = true;
    for (int i = 1; i < count && sorted; i++) {
      Member next = new Member(buffer, offsets[i], end);
      sorted = previous.compare(next, type) < 0;
      previous = next;
    }
    return sorted ? null : sort(type, buffer, start, end);
  }

  private @Nullable ValueProblem sort(ValueType type, byte[] buffer, int start, int end) {
    byte[] sent = Arrays.copyOfRange(buffer, start, end);
    List<Member> members = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      members.add(new Member(sent, offsets[i] - start, sent.length));
    }
    List<Member> sorted = new ArrayList<>(members);
    sorted.sort((left, right) -> left.compare(right, type));
    for (int i = 1; i < count; i++) {
      if (sorted.get(i - 1).compare(sorted.get(i), type) == 0) {
        return new ValueProblem.DuplicateInSet(
            type,
            type == ValueType.NS ? List.of() : members.stream().map(Member::toBytes).toList());
      }
    }
    int at = start;
    for (Member member : sorted) {
      System.arraycopy(sent, member.from, buffer, at, member.to - member.from);
      at += member.to - member.from;
    }
    return null;
  }

  /** One member in a buffer. */
  private static final class Member {
    private final byte[] array;
    private final int from;
    private final int contentAt;
    private final int to;

    Member(byte[] array, int from, int end) {
      ItemReader reader = new ItemReader(array, from, end);
      int length = reader.length();
      this.array = array;
      this.from = from;
      this.contentAt = reader.at;
      this.to = reader.at + length;
    }

    int compare(Member other, ValueType type) {
      return type == ValueType.NS
          ? NumberText.compare(
              array,
              contentAt,
              to - contentAt,
              other.array,
              other.contentAt,
              other.to - other.contentAt)
          : Arrays.compareUnsigned(array, contentAt, to, other.array, other.contentAt, other.to);
    }

    Bytes toBytes() {
      return Bytes.copyOf(array, contentAt, to - contentAt);
    }
  }
}
