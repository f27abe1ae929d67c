package io.equator.coordinator.http;

import io.equator.coordinator.api.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Parses and then is the head of one HTTP/1.x request, in place: it remembers where the lines of
 * the header stand in the array, and makes strings only of what somebody asks for.
 *
 * <p>Strict where leniency has let requests be smuggled past proxies: lines end with CR LF, nothing
 * stands between a header's name and its colon, lines are not folded, a length is said once and not
 * together with chunks. Reusable; valid until the array changes.
 */
final class HttpHead implements RequestHead {
  /** Nobody's honest request has more. */
  static final int HEADERS_MAX = 100;

  /** The head goes on after the bytes at hand. */
  static final int INCOMPLETE = 0;

  static final int BAD_REQUEST = -400;
  static final int TOO_MANY_FIELDS = -431;
  static final int NOT_IMPLEMENTED = -501;
  static final int VERSION_NOT_SUPPORTED = -505;

  /** The methods that are told apart. */
  enum Method {
    POST,
    GET,
    HEAD,
    OPTIONS,
    PUT,
    DELETE,
    OTHER
  }

  private static final int CONTENT_LENGTH_DIGITS_MAX = 18;
  private static final boolean[] TOKEN = tokenCharacters();

  private byte[] bytes = new byte[0];
  private int targetStart;
  private int targetEnd;

  /** Four to a header: start and end of the name, start and end of the value. */
  private int[] lines = new int[4 * 20];

  private int headers;

  private Method method = Method.OTHER;
  private boolean http10;
  private boolean close;
  private boolean keepAliveSaid;
  private boolean chunked;
  private boolean expectContinue;
  private boolean expectOther;
  private long contentLength;

  private static boolean[] tokenCharacters() {
    boolean[] token = new boolean[128];
    for (char c = '0'; c <= '9'; c++) {
      token[c] = true;
    }
    for (char c = 'a'; c <= 'z'; c++) {
      token[c] = true;
      token[Character.toUpperCase(c)] = true;
    }
    for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
      token[c] = true;
    }
    return token;
  }

  /** Whether a request can begin with this byte; a TLS greeting, for one, cannot. */
  static boolean mayBegin(byte first) {
    return isToken(first);
  }

  /**
   * Looks for the end of a head.
   *
   * @param scanFrom from where it has not been looked for yet
   * @return where the body begins, or {@link #INCOMPLETE}
   */
  static int endOfHead(byte[] bytes, int start, int scanFrom, int end) {
    int at = Math.max(start, scanFrom - 3) + 3;
    while (at < end) {
      // Horspool's skips: what stands here tells how far off the pattern's last byte is at least.
      byte last = bytes[at];
      if (last == '\r') {
        at += 1;
      } else if (last != '\n') {
        at += 4;
      } else if (bytes[at - 1] == '\r' && bytes[at - 2] == '\n' && bytes[at - 3] == '\r') {
        return at + 1;
      } else {
        at += 2;
      }
    }
    return INCOMPLETE;
  }

  /**
   * Parses the head that stands between {@code start} and {@code end}, with its empty line.
   *
   * @return {@code end}, or one of the negative complaints
   */
  int parse(byte[] from, int start, int end) {
    clear(from);
    int line = endOfLine(start, end);
    int complaint = startLine(start, line);
    int at = line + 2;
    while (complaint == 0 && at < end - 2) {
      line = endOfLine(at, end);
      complaint = header(at, line);
      at = line + 2;
    }
    if (complaint == 0 && chunked && (contentLength >= 0 || http10)) {
      complaint = BAD_REQUEST;
    }
    return complaint == 0 ? end : complaint;
  }

  private void clear(byte[] from) {
    bytes = from;
    headers = 0;
    method = Method.OTHER;
    http10 = false;
    close = false;
    keepAliveSaid = false;
    chunked = false;
    expectContinue = false;
    expectOther = false;
    contentLength = -1;
  }

  /** Where the CR of the line that begins at {@code from} stands; there is one before the end. */
  private int endOfLine(int from, int end) {
    int at = from;
    while (at < end && bytes[at] != '\r') {
      at++;
    }
    return at;
  }

  private int startLine(int start, int end) {
    int space = start;
    while (space < end && isToken(bytes[space])) {
      space++;
    }
    targetStart = space + 1;
    int secondSpace = end - " HTTP/1.1".length();
    if (space == start || secondSpace <= targetStart || bytes[space] != ' ') {
      return BAD_REQUEST;
    }
    targetEnd = secondSpace;
    for (int at = targetStart; at < secondSpace; at++) {
      if (bytes[at] <= ' ' || bytes[at] == 0x7f) {
        return BAD_REQUEST;
      }
    }
    if (!matches(secondSpace, " HTTP/") || bytes[end - 2] != '.') {
      return BAD_REQUEST;
    }
    if (bytes[end - 3] != '1' || (bytes[end - 1] != '0' && bytes[end - 1] != '1')) {
      return VERSION_NOT_SUPPORTED;
    }
    http10 = bytes[end - 1] == '0';
    method = method(start, space);
    return lineEndsWell(end) ? 0 : BAD_REQUEST;
  }

  private Method method(int start, int end) {
    if (isText(start, end, "POST")) {
      return Method.POST;
    }
    if (isText(start, end, "GET")) {
      return Method.GET;
    }
    if (isText(start, end, "OPTIONS")) {
      return Method.OPTIONS;
    }
    if (isText(start, end, "PUT")) {
      return Method.PUT;
    }
    if (isText(start, end, "DELETE")) {
      return Method.DELETE;
    }
    return isText(start, end, "HEAD") ? Method.HEAD : Method.OTHER;
  }

  private int header(int start, int end) {
    if (headers == HEADERS_MAX) {
      return TOO_MANY_FIELDS;
    }
    int colon = start;
    while (colon < end && isToken(bytes[colon])) {
      colon++;
    }
    if (colon == start || colon == end || bytes[colon] != ':' || !lineEndsWell(end)) {
      return BAD_REQUEST;
    }
    int valueStart = colon + 1;
    int valueEnd = end;
    while (valueStart < valueEnd && isBlank(bytes[valueStart])) {
      valueStart++;
    }
    while (valueStart < valueEnd && isBlank(bytes[valueEnd - 1])) {
      valueEnd--;
    }
    for (int at = valueStart; at < valueEnd; at++) {
      if (bytes[at] >= 0 && bytes[at] < ' ' && bytes[at] != '\t') {
        return BAD_REQUEST;
      }
    }
    remember(start, colon, valueStart, valueEnd);
    return framing(start, colon, valueStart, valueEnd);
  }

  private boolean lineEndsWell(int cr) {
    return bytes[cr + 1] == '\n';
  }

  private void remember(int nameStart, int nameEnd, int valueStart, int valueEnd) {
    int at = 4 * headers++;
    if (at == lines.length) {
      lines = Arrays.copyOf(lines, 2 * at);
    }
    lines[at] = nameStart;
    lines[at + 1] = nameEnd;
    lines[at + 2] = valueStart;
    lines[at + 3] = valueEnd;
  }

  /** What a header says about where the request ends and what happens then. */
  private int framing(int nameStart, int nameEnd, int valueStart, int valueEnd) {
    switch (nameEnd - nameStart) {
      case 6 -> {
        if (isName(nameStart, "expect")) {
          expectContinue = isWord(valueStart, valueEnd, "100-continue");
          expectOther = !expectContinue;
        }
      }
      case 10 -> {
        if (isName(nameStart, "connection")) {
          close |= hasWord(valueStart, valueEnd, "close");
          keepAliveSaid |= hasWord(valueStart, valueEnd, "keep-alive");
        }
      }
      case 14 -> {
        if (isName(nameStart, "content-length")) {
          return contentLength(valueStart, valueEnd);
        }
      }
      case 17 -> {
        if (isName(nameStart, "transfer-encoding")) {
          if (chunked || !isWord(valueStart, valueEnd, "chunked")) {
            return NOT_IMPLEMENTED;
          }
          chunked = true;
        }
      }
      default -> {}
    }
    return 0;
  }

  private int contentLength(int start, int end) {
    if (contentLength >= 0 || start == end || end - start > CONTENT_LENGTH_DIGITS_MAX) {
      return BAD_REQUEST;
    }
    long value = 0;
    for (int at = start; at < end; at++) {
      int digit = bytes[at] - '0';
      if (digit < 0 || digit > 9) {
        return BAD_REQUEST;
      }
      value = 10 * value + digit;
    }
    contentLength = value;
    return 0;
  }

  // ---- what it says

  Method method() {
    return method;
  }

  /** The path and query as sent. */
  String target() {
    return text(targetStart, targetEnd);
  }

  /** Whether the path is a single slash. */
  boolean isRoot() {
    return bytes[targetStart] == '/'
        && (targetEnd == targetStart + 1 || bytes[targetStart + 1] == '?');
  }

  /** The length that the body is said to have; -1 when none is. */
  long contentLength() {
    return contentLength;
  }

  boolean chunked() {
    return chunked;
  }

  /** Whether the client waits for a word before it sends the body. */
  boolean expectsContinue() {
    return expectContinue && !http10;
  }

  /** Whether the client expects what nobody has heard of. */
  boolean expectsUnknown() {
    return expectOther;
  }

  /** Whether the connection serves another request after this one. */
  boolean keepAlive() {
    return !close && (!http10 || keepAliveSaid);
  }

  boolean http10() {
    return http10;
  }

  @Override
  public @Nullable String header(String name) {
    int line = line(name);
    return line < 0 ? null : text(lines[line + 2], lines[line + 3]);
  }

  /** Whether there is such a header; the name in lower case. */
  boolean has(String name) {
    return line(name) >= 0;
  }

  /** Whether the header's value, up to a semicolon, is this word in whatever case. */
  boolean isMediaType(String name, String type) {
    int line = line(name);
    if (line < 0) {
      return false;
    }
    int start = lines[line + 2];
    int end = start;
    while (end < lines[line + 3] && bytes[end] != ';') {
      end++;
    }
    while (end > start && isBlank(bytes[end - 1])) {
      end--;
    }
    return isWord(start, end, type);
  }

  @Override
  public String methodName() {
    return method.name();
  }

  @Override
  public String path() {
    int end = targetStart;
    while (end < targetEnd && bytes[end] != '?') {
      end++;
    }
    return text(targetStart, end);
  }

  @Override
  public String query() {
    for (int at = targetStart; at < targetEnd; at++) {
      if (bytes[at] == '?') {
        return text(at + 1, targetEnd);
      }
    }
    return "";
  }

  // ---- bytes

  /** The index in {@link #lines} of the first header of this name; -1 when there is none. */
  private int line(String name) {
    int length = name.length();
    for (int at = 0; at < 4 * headers; at += 4) {
      if (lines[at + 1] - lines[at] == length && isName(lines[at], name)) {
        return at;
      }
    }
    return -1;
  }

  private boolean isName(int start, String lowerCase) {
    for (int i = 0; i < lowerCase.length(); i++) {
      if (lower(bytes[start + i]) != lowerCase.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private boolean isWord(int start, int end, String lowerCase) {
    return end - start == lowerCase.length() && isName(start, lowerCase);
  }

  /** Whether a list with commas has this word. */
  private boolean hasWord(int start, int end, String lowerCase) {
    int at = start;
    while (at < end) {
      int comma = at;
      while (comma < end && bytes[comma] != ',') {
        comma++;
      }
      int from = at;
      int to = comma;
      while (from < to && isBlank(bytes[from])) {
        from++;
      }
      while (to > from && isBlank(bytes[to - 1])) {
        to--;
      }
      if (isWord(from, to, lowerCase)) {
        return true;
      }
      at = comma + 1;
    }
    return false;
  }

  private boolean isText(int start, int end, String text) {
    return end - start == text.length() && matches(start, text);
  }

  private boolean matches(int start, String text) {
    for (int i = 0; i < text.length(); i++) {
      if (bytes[start + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private String text(int start, int end) {
    return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
  }

  private static boolean isToken(byte b) {
    return b > 0 && TOKEN[b];
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }

  private static int lower(byte b) {
    return b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b;
  }
}
