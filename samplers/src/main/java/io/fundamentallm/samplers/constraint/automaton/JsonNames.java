package io.fundamentallm.samplers.constraint.automaton;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The names that the open objects of a JSON text have, after some bytes of it: no grammar can
 * require them to differ. Only the text decides where names begin and end, however it is read; so
 * this is kept beside a {@link State} and needs no stack of readings. Names are compared by what
 * they spell, without escapes. A byte costs one step, a name as many as it has bytes. Immutable.
 */
public final class JsonNames implements TextNames {
  /** Before the first byte of a document. */
  public static final JsonNames BEGIN = new JsonNames(Position.OUTSIDE, null, null, null, 0);

  /** What the next byte belongs to. */
  private enum Position {
    OUTSIDE,
    BEFORE_NAME,
    STRING,
    STRING_ESCAPE,
    NAME,
    NAME_ESCAPE,
    NAME_DIGITS
  }

  /**
   * An array or object that has not ended.
   *
   * @param names of an object; null for an array
   */
  private record Open(@Nullable Names names, @Nullable Open outer) {}

  /** The bytes of a name so far, the last one first. */
  private record Name(int last, int length, @Nullable Name before) {}

  private final Position at;
  private final @Nullable Open open;
  private final @Nullable Name name;

  /** The names of the object that begin like this one; null if there are none. */
  private final @Nullable Names alike;

  /** The hexadecimal digits of an escape, after a 1; those of a high surrogate stay before it. */
  private final long digits;

  private JsonNames(
      Position at, @Nullable Open open, @Nullable Name name, @Nullable Names alike, long digits) {
    this.at = at;
    this.open = open;
    this.name = name;
    this.alike = alike;
    this.digits = digits;
  }

  @Override
  public int quotesToRepeat() {
    return switch (at) {
      case OUTSIDE, BEFORE_NAME -> 2; // around the name
      case STRING, STRING_ESCAPE -> 3; // one to end the string
      case NAME, NAME_ESCAPE, NAME_DIGITS -> alike == null ? 3 : 1;
    };
  }

  /** Whether an array or object has not ended. */
  public boolean isOpen() {
    return open != null;
  }

  @Override
  public @Nullable JsonNames after(int value) {
    return switch (at) {
      case OUTSIDE, BEFORE_NAME -> outside(value);
      case STRING ->
          value == '"' ? at(Position.OUTSIDE) : value == '\\' ? at(Position.STRING_ESCAPE) : this;
      case STRING_ESCAPE -> at(Position.STRING); // the digits after a u are like any characters
      case NAME -> value == '"' ? end() : value == '\\' ? at(Position.NAME_ESCAPE) : with(value);
      case NAME_ESCAPE -> escape(value);
      case NAME_DIGITS -> digit(Character.digit(value, 16));
    };
  }

  private JsonNames at(Position next) {
    return new JsonNames(next, open, name, alike, digits);
  }

  private JsonNames outside(int value) {
    return switch (value) {
      case '{' -> outside(Position.BEFORE_NAME, new Open(Names.NONE, open));
      case '[' -> outside(Position.OUTSIDE, new Open(null, open));
      case '}', ']' -> outside(Position.OUTSIDE, open == null ? null : open.outer());
      case ',' -> outside(names() == null ? Position.OUTSIDE : Position.BEFORE_NAME, open);
      case '"' ->
          at == Position.BEFORE_NAME
              ? new JsonNames(Position.NAME, open, null, names(), 0)
              : at(Position.STRING);
      default -> this;
    };
  }

  private static JsonNames outside(Position at, @Nullable Open open) {
    return new JsonNames(at, open, null, null, 0);
  }

  private @Nullable Names names() {
    return open == null ? null : open.names();
  }

  private @Nullable JsonNames end() {
    Names known = names();
    if (open == null || known == null || (alike != null && alike.isName())) {
      return null;
    }
    byte[] bytes = new byte[name == null ? 0 : name.length()];
    Name rest = name;
    for (int i = bytes.length - 1; i >= 0 && rest != null; i--) {
      bytes[i] = (byte) rest.last();
      rest = rest.before();
    }
    return outside(Position.OUTSIDE, new Open(known.with(bytes), open.outer()));
  }

  private JsonNames with(int value) {
    int length = name == null ? 0 : name.length();
    return new JsonNames(
        Position.NAME,
        open,
        new Name(value, length + 1, name),
        alike == null ? null : alike.after(value),
        0);
  }

  private JsonNames escape(int value) {
    if (value == 'u') {
      return new JsonNames(Position.NAME_DIGITS, open, name, alike, digits == 0 ? 1 : digits);
    }
    int at = "bfnrt".indexOf(value);
    return with(at < 0 ? value : "\b\f\n\r\t".charAt(at));
  }

  private JsonNames digit(int digit) {
    if (digit < 0) {
      return this; // no such text: the grammar refuses it
    }
    long more = digits << 4 | digit;
    char unit = (char) more;
    boolean four = more >> 16 == 1;
    boolean high = four && Character.isHighSurrogate(unit);
    if (high || !(four || more >> 32 == 1)) { // after a high one, another escape completes it
      return new JsonNames(high ? Position.NAME : Position.NAME_DIGITS, open, name, alike, more);
    }
    if (!four && !Character.isLowSurrogate(unit)) {
      return with('?'); // half a character, which the grammar refuses too
    }
    int codePoint = four ? unit : Character.toCodePoint((char) (more >> 16), unit);
    JsonNames names = this;
    for (byte b : Character.toString(codePoint).getBytes(StandardCharsets.UTF_8)) {
      names = names.with(b & 0xFF);
    }
    return names;
  }

  /**
   * A set of names, as a tree of their bytes. Immutable.
   *
   * @param isName whether one ends here
   * @param next ascending, the bytes with which others continue
   * @param rest what follows each
   */
  private record Names(boolean isName, byte[] next, Names[] rest) {
    static final Names NONE = new Names(false, new byte[0], new Names[0]);

    /** The names that continue with a byte; null for none. */
    @Nullable Names after(int value) {
      int found = Arrays.binarySearch(next, (byte) value);
      return found < 0 ? null : rest[found];
    }

    /** One name more; from its end to its beginning, as it may be long. */
    Names with(byte[] name) {
      Names[] path = new Names[name.length + 1];
      path[0] = this;
      for (int i = 0; i < name.length; i++) {
        Names after = path[i].after(name[i]);
        path[i + 1] = after == null ? NONE : after;
      }
      Names made = new Names(true, path[name.length].next, path[name.length].rest);
      for (int i = name.length - 1; i >= 0; i--) {
        made = path[i].with(name[i], made);
      }
      return made;
    }

    private Names with(byte value, Names after) {
      int found = Arrays.binarySearch(next, value);
      int at = found < 0 ? -found - 1 : found;
      int kept = found < 0 ? at : at + 1;
      byte[] bytes = new byte[next.length + at + 1 - kept];
      Names[] names = new Names[bytes.length];
      System.arraycopy(next, 0, bytes, 0, at);
      System.arraycopy(rest, 0, names, 0, at);
      bytes[at] = value;
      names[at] = after;
      System.arraycopy(next, kept, bytes, at + 1, next.length - kept);
      System.arraycopy(rest, kept, names, at + 1, next.length - kept);
      return new Names(isName, bytes, names);
    }
  }
}
