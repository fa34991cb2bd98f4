package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.internal.json.Excerpt;
import io.fundamentallm.tokenizers.chat.TemplateToken.Kind;
import io.fundamentallm.tokenizers.chat.value.StringEscapes;
import io.fundamentallm.tokenizers.chat.value.TemplateException;
import io.fundamentallm.tokenizers.chat.value.Whitespace;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes a template apart by the rules of Jinja's lexer ({@code jinja2/lexer.py}) for {@code
 * trim_blocks} and {@code lstrip_blocks}, which is what models' templates assume: the first newline
 * after a block is dropped, and so are the blanks before a block that begins a line.
 */
final class Lexer {
  private final String source;
  private final List<TemplateToken> tokens = new ArrayList<>();
  private int at;
  private int line = 1;

  private Lexer(String source) {
    this.source = source;
  }

  static List<TemplateToken> tokens(String template) {
    String source = template.replace("\r\n", "\n").replace('\r', '\n');
    if (source.endsWith("\n")) {
      source = source.substring(0, source.length() - 1);
    }
    Lexer lexer = new Lexer(source);
    lexer.readAll();
    return lexer.tokens;
  }

  private void readAll() {
    int begin = nextTag();
    while (begin >= 0) {
      if (source.charAt(begin + 1) == '%' && rawBody(begin) >= 0) {
        readRaw(begin);
      } else {
        readTag(begin);
      }
      begin = nextTag();
    }
    add(Kind.DATA, source.substring(at));
    moveTo(source.length());
    tokens.add(new TemplateToken(Kind.END, "", line));
  }

  private int nextTag() {
    for (int i = source.indexOf('{', at); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  private void readTag(int begin) {
    char tag = source.charAt(begin + 1);
    readData(begin, begin + 2, tag != '{');
    moveTo(afterSign(begin + 2));
    switch (tag) {
      case '#' -> readComment();
      case '%' -> readExpression(Kind.BLOCK_BEGIN, Kind.BLOCK_END, "%}");
      default -> readExpression(Kind.VARIABLE_BEGIN, Kind.VARIABLE_END, "}}");
    }
  }

  /** The data before a tag, less what the tag's sign or its being a block strips. */
  private void readData(int tag, int sign, boolean block) {
    int end = tag;
    char strip = sign < source.length() ? source.charAt(sign) : ' ';
    if (strip == '-') {
      end = Whitespace.trimEnd(source, at, tag);
    } else if (strip != '+' && block) {
      int begins = tag;
      while (begins > at
          && source.charAt(begins - 1) != '\n'
          && Whitespace.is(source.charAt(begins - 1))) {
        begins--;
      }
      if (begins == 0 || source.charAt(begins - 1) == '\n') {
        end = begins;
      }
    }
    add(Kind.DATA, source.substring(at, end));
    moveTo(tag);
  }

  private int afterSign(int index) {
    return index < source.length() && "+-".indexOf(source.charAt(index)) >= 0 ? index + 1 : index;
  }

  private void readComment() {
    int end = source.indexOf("#}", at);
    if (end < 0) {
      throw TemplateException.at(line, "missing end of comment tag");
    }
    boolean strips = end > at && source.charAt(end - 1) == '-';
    boolean keeps = end > at && source.charAt(end - 1) == '+';
    finishTag(end + 2, strips, !keeps);
  }

  /** Moves past a tag's end, and past the white space that belongs to it. */
  private void finishTag(int end, boolean strips, boolean dropsNewline) {
    int next = end;
    if (strips) {
      next = Whitespace.skip(source, end);
    } else if (dropsNewline && source.startsWith("\n", end)) {
      next++;
    }
    moveTo(next);
  }

  private void readExpression(Kind begin, Kind end, String closing) {
    tokens.add(new TemplateToken(begin, "", line));
    boolean block = end == Kind.BLOCK_END;
    StringBuilder open = new StringBuilder();
    while (true) {
      if (at >= source.length()) {
        throw TemplateException.at(line, "unexpected end of template, expected '" + closing + "'");
      }
      if (open.isEmpty()) {
        boolean plain = source.startsWith(closing, at);
        boolean strips = !plain && source.startsWith("-" + closing, at);
        boolean keeps = block && !plain && source.startsWith("+" + closing, at);
        if (plain || strips || keeps) {
          tokens.add(new TemplateToken(end, "", line));
          finishTag(at + closing.length() + (plain ? 0 : 1), strips, block && plain);
          return;
        }
      }
      readWord(open);
    }
  }

  private void readWord(StringBuilder open) {
    char c = source.charAt(at);
    if (Whitespace.is(c)) {
      moveTo(Whitespace.skip(source, at));
    } else if (c == '\'' || c == '"') {
      readString(c);
    } else if (isDigit(c)) {
      readNumber();
    } else if (isNamePart(c)) {
      int end = at;
      while (end < source.length() && isNamePart(source.charAt(end))) {
        end++;
      }
      add(Kind.NAME, source.substring(at, end));
      moveTo(end);
    } else {
      readOperator(open);
    }
  }

  private void readString(char quote) {
    int end = at + 1;
    while (end < source.length() && source.charAt(end) != quote) {
      end += source.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= source.length()) {
      throw TemplateException.at(line, "a string without an end");
    }
    tokens.add(
        new TemplateToken(
            Kind.STRING, StringEscapes.decode(source.substring(at + 1, end), line), line));
    moveTo(end + 1);
  }

  private void readNumber() {
    int end = digits(at);
    Kind kind = Kind.INTEGER;
    if (source.charAt(at - 1) != '.') {
      // as Jinja's float_re: no number with a fraction follows a dot
      int fraction = source.startsWith(".", end) ? digits(end + 1) : end;
      if (fraction > end + 1) {
        kind = Kind.FLOAT;
        end = fraction;
      }
      if (source.startsWith("e", end) || source.startsWith("E", end)) {
        int exponent = digits(afterSign(end + 1));
        if (exponent > afterSign(end + 1)) {
          kind = Kind.FLOAT;
          end = exponent;
        }
      }
    }
    add(kind, source.substring(at, end).replace("_", ""));
    moveTo(end);
  }

  private int digits(int from) {
    int end = from;
    while (end < source.length()
        && (isDigit(source.charAt(end)) || (source.charAt(end) == '_' && end > from))) {
      end++;
    }
    return end;
  }

  private void readOperator(StringBuilder open) {
    char c = source.charAt(at);
    int length = 1;
    if (at + 1 < source.length()) {
      String two = source.substring(at, at + 2);
      if (two.equals("//")
          || two.equals("**")
          || (two.charAt(1) == '=' && "=!<>".indexOf(c) >= 0)) {
        length = 2;
      }
    }
    if (length == 1 && "+-*/%~[](){}<>=.:|,;".indexOf(c) < 0) {
      throw TemplateException.at(
          line, "unexpected character '" + Excerpt.character(source, at) + "'");
    }
    int opening = "([{".indexOf(c);
    int closing = ")]}".indexOf(c);
    if (opening >= 0) {
      open.append(")]}".charAt(opening));
    } else if (closing >= 0) {
      int last = open.length() - 1;
      if (last < 0 || open.charAt(last) != c) {
        throw TemplateException.at(line, "unexpected '" + c + "'");
      }
      open.setLength(last);
    }
    add(Kind.OPERATOR, source.substring(at, at + length));
    moveTo(at + length);
  }

  /** Where the text of a raw block begins, or -1 if the tag here does not open one. */
  private int rawBody(int begin) {
    int word = Whitespace.skip(source, afterSign(begin + 2));
    if (!source.startsWith("raw", word)) {
      return -1;
    }
    int end = Whitespace.skip(source, word + 3);
    if (source.startsWith("-%}", end)) {
      return Whitespace.skip(source, end + 3);
    }
    return source.startsWith("%}", end) ? end + 2 : -1;
  }

  private void readRaw(int begin) {
    readData(begin, begin + 2, true);
    moveTo(rawBody(begin));
    for (int tag = source.indexOf("{%", at); tag >= 0; tag = source.indexOf("{%", tag + 1)) {
      int word = Whitespace.skip(source, afterSign(tag + 2));
      if (source.startsWith("endraw", word)) {
        int end = Whitespace.skip(source, word + 6);
        int close = afterSign(end);
        if (source.startsWith("%}", close)) {
          readData(tag, tag + 2, true);
          boolean strips = close > end && source.charAt(end) == '-';
          finishTag(close + 2, strips, close == end);
          return;
        }
      }
    }
    throw TemplateException.at(line, "missing end of raw directive");
  }

  private void add(Kind kind, String value) {
    if (!value.isEmpty()) {
      tokens.add(new TemplateToken(kind, value, line));
    }
  }

  private void moveTo(int next) {
    for (int i = at; i < next; i++) {
      if (source.charAt(i) == '\n') {
        line++;
      }
    }
    at = next;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isNamePart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c) || c == '_' || c >= 0xAA;
  }
}
