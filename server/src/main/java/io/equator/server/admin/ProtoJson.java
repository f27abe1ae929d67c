package io.equator.server.admin;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A message as one line of JSON: the names of its fields as they stand in the proto, numbers as
 * numbers, bytes in hexadecimal, only what is set. Maps are lists of {@code key} and {@code value}.
 *
 * <p>For looking at. It is not the mapping of proto3, which has another library of its own.
 */
final class ProtoJson {

  private ProtoJson() {}

  static String line(Message message) {
    StringBuilder text = new StringBuilder();
    object(text, message);
    return text.toString();
  }

  private static void object(StringBuilder text, Message message) {
    text.append('{');
    String separator = "";
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      text.append(separator);
      separator = ",";
      string(text, field.getKey().getName());
      text.append(':');
      value(text, field.getKey(), field.getValue());
    }
    text.append('}');
  }

  private static void value(StringBuilder text, FieldDescriptor field, Object value) {
    switch (value) {
      case List<?> list -> {
        text.append('[');
        for (int i = 0; i < list.size(); i++) {
          if (i > 0) {
            text.append(',');
          }
          value(text, field, list.get(i));
        }
        text.append(']');
      }
      case Message message -> object(text, message);
      case ByteString bytes -> string(text, HexFormat.of().formatHex(bytes.toByteArray()));
      case EnumValueDescriptor named -> string(text, named.getName());
      case Long number when isUnsigned(field) -> text.append(Long.toUnsignedString(number));
      case Integer number when isUnsigned(field) -> text.append(Integer.toUnsignedString(number));
      case Number number -> text.append(number);
      case Boolean bool -> text.append(bool);
      default -> string(text, String.valueOf(value));
    }
  }

  private static boolean isUnsigned(FieldDescriptor field) {
    return switch (field.getType()) {
      case UINT32, UINT64, FIXED32, FIXED64 -> true;
      default -> false;
    };
  }

  private static void string(StringBuilder text, String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < 0x20) {
        text.append("\\u%04x".formatted((int) c));
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }
}
