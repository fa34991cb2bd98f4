package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.tokenizers.chat.value.Arguments;
import io.fundamentallm.tokenizers.chat.value.MarkedText;
import io.fundamentallm.tokenizers.chat.value.MarkedTextBuilder;
import io.fundamentallm.tokenizers.chat.value.None;
import io.fundamentallm.tokenizers.chat.value.PythonFormat;
import io.fundamentallm.tokenizers.chat.value.PythonList;
import io.fundamentallm.tokenizers.chat.value.TemplateBudget;
import io.fundamentallm.tokenizers.chat.value.TemplateException;
import io.fundamentallm.tokenizers.chat.value.Values;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The filter {@code tojson} as Hugging Face replaces Jinja's: Python's {@code json.dumps} with
 * {@code ensure_ascii=False} unless asked for, and nothing escaped for HTML.
 */
final class TemplateJson {
  private final MarkedTextBuilder out;
  private final int indent; // negative for one line
  private final String comma;
  private final String colon;
  private final boolean sorted;
  private final boolean ascii;

  private TemplateJson(
      MarkedTextBuilder out,
      int indent,
      String comma,
      String colon,
      boolean sorted,
      boolean ascii) {
    this.out = out;
    this.indent = indent;
    this.comma = comma;
    this.colon = colon;
    this.sorted = sorted;
    this.ascii = ascii;
  }

  static Object filter(Object value, Arguments arguments) {
    boolean ascii = Values.isTrue(arguments.get(0, "ensure_ascii", false));
    long indent = arguments.integer(1, "indent", -1);
    if (indent > 100) {
      throw new TemplateException("tojson with an indent of " + indent);
    }
    String comma = indent < 0 ? ", " : ",";
    String colon = ": ";
    if (arguments.get(2, "separators", None.NONE) instanceof PythonList separators
        && separators.size() == 2) {
      comma = Values.text(separators.get(0)).text();
      colon = Values.text(separators.get(1)).text();
    }
    boolean sorted = Values.isTrue(arguments.get(3, "sort_keys", false));
    TemplateJson json =
        new TemplateJson(
            new MarkedTextBuilder(arguments.budget()), (int) indent, comma, colon, sorted, ascii);
    json.write(value, 1);
    return json.out.build();
  }

  /** On one line, as Python's {@code json.dumps} writes it without {@code ensure_ascii}. */
  static String text(Object value) {
    MarkedTextBuilder out = new MarkedTextBuilder(new TemplateBudget(TemplateBudget.MAX));
    new TemplateJson(out, -1, ", ", ": ", false, false).write(value, 1);
    return out.build().text();
  }

  private void write(Object value, int depth) {
    if (value instanceof MarkedText text) {
      writeString(text);
    } else if (value instanceof Map<?, ?> map) {
      writeMap(map, depth);
    } else if (value instanceof PythonList list) {
      String before = "[";
      for (Object item : list) {
        out.append(before);
        newLine(depth);
        write(item, depth + 1);
        before = comma;
      }
      close(list.isEmpty(), "[", "]", depth);
    } else if (value instanceof Boolean || value == None.NONE || Values.isNumber(value)) {
      out.append(scalar(value));
    } else {
      throw new TemplateException("a " + Values.type(value) + " has no form in JSON");
    }
  }

  private void writeMap(Map<?, ?> map, int depth) {
    String before = "{";
    for (Object key : sorted ? sortedKeys(map) : List.copyOf(map.keySet())) {
      out.append(before);
      newLine(depth);
      writeString(key instanceof MarkedText text ? text : MarkedText.of(scalar(key)));
      out.append(colon);
      write(Objects.requireNonNull(map.get(Values.key(key, out.budget()))), depth + 1);
      before = comma;
    }
    close(map.isEmpty(), "{", "}", depth);
  }

  private List<Object> sortedKeys(Map<?, ?> map) {
    TreeMap<Object, Object> keys = new TreeMap<>((a, b) -> Values.compare(a, b, out.budget()));
    map.forEach((key, value) -> keys.put(key, value));
    return List.copyOf(keys.keySet());
  }

  private void close(boolean empty, String open, String close, int depth) {
    if (empty) {
      out.append(open);
    } else {
      newLine(depth - 1);
    }
    out.append(close);
  }

  private void newLine(int depth) {
    if (indent >= 0) {
      out.append("\n" + " ".repeat(indent * depth));
    }
  }

  private String scalar(Object value) {
    if (value instanceof Boolean) {
      return value.toString();
    } else if (value instanceof Double number) {
      out.budget().spend(TemplateBudget.FORMAT);
      return Double.isNaN(number)
          ? "NaN"
          : Double.isInfinite(number)
              ? (number > 0 ? "Infinity" : "-Infinity")
              : PythonFormat.decimal(number);
    }
    return value == None.NONE ? "null" : value.toString();
  }

  private void writeString(MarkedText text) {
    out.append("\"");
    int plain = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.text().charAt(i);
      String escape =
          switch (c) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\f' -> "\\f";
            case '\b' -> "\\b";
            default -> c < ' ' || (ascii && c > '~') ? "\\u" + HexFormat.of().toHexDigits(c) : "";
          };
      if (!escape.isEmpty()) {
        out.append(text.part(plain, i)).append(escape, text.isMarked(i));
        plain = i + 1;
      }
    }
    out.append(text.part(plain, text.length())).append("\"");
  }
}
