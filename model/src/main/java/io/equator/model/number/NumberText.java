package io.equator.model.number;

import java.util.Arrays;

/**
 * Works on the canonical text of a number where it stands, as ASCII bytes in an encoded item,
 * without making a number of it.
 */
public final class NumberText {
  private NumberText() {}

  /** Compares two canonical texts by the value of the numbers. */
  public static int compare(
      byte[] left, int leftAt, int leftLength, byte[] right, int rightAt, int rightLength) {
    boolean leftNegative = leftLength > 0 && left[leftAt] == '-';
    boolean rightNegative = rightLength > 0 && right[rightAt] == '-';
    if (leftNegative != rightNegative) {
      return leftNegative ? -1 : 1;
    }
    int leftEnd = leftAt + leftLength;
    int rightEnd = rightAt + rightLength;
    int magnitude =
        leftNegative
            ? compareMagnitudes(left, leftAt + 1, leftEnd, right, rightAt + 1, rightEnd)
            : compareMagnitudes(left, leftAt, leftEnd, right, rightAt, rightEnd);
    return leftNegative ? -magnitude : magnitude;
  }

  /** More digits before the point is more; with as many, the bytes decide ('.' is below '0'). */
  private static int compareMagnitudes(
      byte[] left, int leftAt, int leftEnd, byte[] right, int rightAt, int rightEnd) {
    int leftPoint = point(left, leftAt, leftEnd) - leftAt;
    int rightPoint = point(right, rightAt, rightEnd) - rightAt;
    if (leftPoint != rightPoint) {
      return Integer.compare(leftPoint, rightPoint);
    }
    return Arrays.compare(left, leftAt, leftEnd, right, rightAt, rightEnd);
  }

  private static int point(byte[] text, int at, int end) {
    for (int i = at; i < end; i++) {
      if (text[i] == '.') {
        return i;
      }
    }
    return end;
  }

  /** DynamoDB's size in bytes of the number with this canonical text. */
  public static int sizeBytes(byte[] text, int at, int length) {
    int end = at + length;
    boolean negative = length > 0 && text[at] == '-';
    int first = negative ? at + 1 : at;
    int point = point(text, first, end);
    int before;
    int after;
    if (point == end) {
      int last = end;
      while (last > first && text[last - 1] == '0') {
        last--;
      }
      before = last - first;
      after = 0;
    } else {
      boolean fractionOnly = point - first == 1 && text[first] == '0';
      before = fractionOnly ? 0 : point - first;
      int start = point + 1;
      while (fractionOnly && start < end && text[start] == '0') {
        start++;
      }
      after = end - start;
    }
    return 1 + (before + 1) / 2 + (after + 1) / 2 + (negative ? 1 : 0);
  }
}
