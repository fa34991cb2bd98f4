package io.fundamentallm.model;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The one notation that configures parts: samplers, decoders, runtimes, tokenizers and trainers.
 *
 * <pre>
 * spec    = stage *( "," stage )
 * stage   = name
 *         | name "=" value                              short for name(value=…)
 *         | name "(" key "=" value *( "," key "=" value ) ")"
 * name    = key = letters, digits, "-", "_", "."; the first a letter or a digit
 * value   = bare | quoted | "@" file
 * bare    = any characters but white space and , ( ) = " ; the first not "@"
 * quoted  = '"' any text with the escapes \" \\ \n \r \t &#92;uXXXX '"'
 * file    = bare | quoted                               the value is the file's text, UTF-8
 * </pre>
 *
 * White space between these is ignored. Parsing reads no file: {@link Stage#read} does, when a part
 * is made from the stage, through the {@link SpecFiles} of the {@link io.fundamentallm.Registry}.
 * Immutable and thread-safe.
 */
public final class Spec {
  /**
   * One stage.
   *
   * @param name the part's name
   * @param options option names with their text, or the name of the file that has it, in the
   *     written order; unmodifiable
   * @param files the options that name a file
   */
  public record Stage(String name, Map<String, String> options, Set<String> files) {
    /** Keeps its own copy of the options. */
    public Stage {
      options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
      files = Set.copyOf(files);
    }

    /** A stage that names no file. */
    public Stage(String name, Map<String, String> options) {
      this(name, options, Set.of());
    }

    /**
     * The stage with the texts of the files that it names.
     *
     * @throws IllegalArgumentException that names the file that cannot be read, and says why
     */
    public Stage read(SpecFiles from) {
      if (files.isEmpty()) {
        return this;
      }
      Map<String, String> read = new LinkedHashMap<>(options);
      read.replaceAll((option, text) -> files.contains(option) ? text(option, text, from) : text);
      return new Stage(name, read);
    }

    private String text(String option, String file, SpecFiles from) {
      try {
        return from.read(file);
      } catch (IOException e) {
        throw new IllegalArgumentException(
            "stage \""
                + name
                + "\", "
                + option
                + ": cannot read the file @"
                + file
                + ": "
                + reason(e),
            e);
      }
    }

    /** Puts into words what only the exception's class name says, or else gives that name. */
    private static String reason(IOException e) {
      if (e instanceof NoSuchFileException none && none.getReason() == null) {
        return "there is no such file";
      }
      String message = e.getMessage();
      return message == null || e instanceof FileSystemException ? e.toString() : message;
    }
  }

  private final String text;
  private final List<Stage> stages;

  private Spec(String text, List<Stage> stages) {
    this.text = text;
    this.stages = stages;
  }

  /**
   * Parses a spec.
   *
   * @throws IllegalArgumentException that shows what was expected and where, or names the repeated
   *     option
   */
  public static Spec parse(String text) {
    return new Spec(text, new Parser(requireNonNull(text, "spec")).spec());
  }

  /**
   * A value as it must be written in a spec: in quotes, with escapes. For texts from elsewhere,
   * such as a JSON schema.
   */
  public static String quoted(String value) {
    return '"'
        + value
            .replace("\\", "\\\\")
            .replace("\"", "\\\"")
            .replace("\n", "\\n")
            .replace("\r", "\\r")
            .replace("\t", "\\t")
        + '"';
  }

  /**
   * Parses a spec of exactly one stage.
   *
   * @throws IllegalArgumentException for a malformed spec, or for more than one stage
   */
  public static Stage single(String text) {
    List<Stage> stages = parse(text).stages();
    if (stages.size() != 1) {
      throw new IllegalArgumentException(
          "expected one name with its options, not " + stages.size() + ": " + text);
    }
    return stages.get(0);
  }

  /** The stages, at least one, in the written order. */
  public List<Stage> stages() {
    return stages;
  }

  @Override
  public String toString() {
    return text;
  }

  private static final class Parser {
    /** What people write between stages that are not to be separated by it. */
    private static final String SEPARATORS = ";|&";

    private final String text;
    private int at;

    /** Whether this is between the parentheses of a stage. */
    private boolean inOptions;

    /** Whether what was read last is a value without quotes, which ends where it needs them. */
    private boolean bare;

    Parser(String text) {
      this.text = text;
    }

    List<Stage> spec() {
      if (text.isBlank()) {
        throw new IllegalArgumentException(
            "the spec is empty; write a name, with its options if it needs some");
      }
      List<Stage> stages = new ArrayList<>();
      do {
        stages.add(stage());
      } while (take(','));
      if (at < text.length()) {
        boolean named = stages.get(stages.size() - 1).options().isEmpty();
        throw expected(named ? "\"=\", \"(\", \",\" or the end" : "\",\" or the end");
      }
      return Collections.unmodifiableList(stages);
    }

    private Stage stage() {
      String name = name("a name");
      Map<String, String> options = new LinkedHashMap<>();
      Set<String> files = new LinkedHashSet<>();
      if (take('=')) {
        options.put("value", value("value", files));
      } else if (take('(')) {
        inOptions = true;
        do {
          String key = name("the name of an option of \"" + name + "\"");
          if (!take('=')) {
            throw expected("\"=\" and a value after the option's name \"" + key + "\"");
          }
          if (options.putIfAbsent(key, value(key, files)) != null) {
            throw new IllegalArgumentException(
                "stage \"" + name + "\" has option \"" + key + "\" twice in: " + text);
          }
        } while (take(','));
        if (!take(')')) {
          throw expected("\",\" or \")\"");
        }
        bare = false; // it has ended
        inOptions = false;
      }
      return new Stage(name, options, files);
    }

    private String name(String what) {
      bare = false;
      skipSpace();
      int start = at;
      while (at < text.length() && isNamePart(text.charAt(at), at == start)) {
        at++;
      }
      if (at == start) {
        throw expected(what);
      }
      return text.substring(start, at);
    }

    private static boolean isNamePart(char c, boolean first) {
      return (c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || (!first && (c == '-' || c == '_' || c == '.'));
    }

    private String value(String option, Set<String> files) {
      skipSpace();
      if (at < text.length() && text.charAt(at) == '@') {
        at++;
        files.add(option);
        return word("a file name");
      }
      return word("a value");
    }

    private String word(String what) {
      bare = false;
      skipSpace();
      if (at < text.length() && text.charAt(at) == '"') {
        return quoted();
      }
      int start = at;
      while (at < text.length()
          && !Character.isWhitespace(text.charAt(at))
          && ",()=\"".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      if (at == start) {
        throw expected(what);
      }
      bare = true;
      return text.substring(start, at);
    }

    private String quoted() {
      StringBuilder value = new StringBuilder();
      at++;
      while (at < text.length()) {
        char c = text.charAt(at++);
        if (c == '"') {
          return value.toString();
        }
        value.append(c == '\\' ? escaped() : c);
      }
      throw expected("\" to end the quoted value");
    }

    private char escaped() {
      char c = at < text.length() ? text.charAt(at) : 0;
      at++;
      return switch (c) {
        case '"', '\\' -> c;
        case 'n' -> '\n';
        case 'r' -> '\r';
        case 't' -> '\t';
        case 'u' -> codeUnit();
        default -> {
          at--;
          throw expected("one of \" \\ n r t u after \\");
        }
      };
    }

    private char codeUnit() {
      int code = 0;
      for (int i = 0; i < 4; i++, at++) {
        int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
        if (digit < 0) {
          throw expected("four hexadecimal digits after \\u");
        }
        code = code * 16 + digit;
      }
      return (char) code;
    }

    private boolean take(char c) {
      skipSpace();
      if (at < text.length() && text.charAt(at) == c) {
        at++;
        return true;
      }
      return false;
    }

    private void skipSpace() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
    }

    /** Where another character stands for the comma, as in {@code a=1;b=2}; negative if nowhere. */
    private int separator(int place) {
      if (place < text.length() && SEPARATORS.indexOf(text.charAt(place)) >= 0) {
        return place;
      } else if (!bare || place == text.length() || "(=".indexOf(text.charAt(place)) < 0) {
        return -1;
      }
      // the value went on into the next name, which something follows that no value may have
      for (int i = place - 1; i > 0 && isNamePart(text.charAt(i), false); i--) {
        if (SEPARATORS.indexOf(text.charAt(i - 1)) >= 0) {
          return i - 1;
        }
      }
      return -1;
    }

    private IllegalArgumentException expected(String what) {
      int place = Math.min(at, text.length());
      boolean inValue = bare && place < text.length() && "\"(=".indexOf(text.charAt(place)) >= 0;
      int separator = separator(place);
      String problem =
          separator < 0
              ? "expected "
                  + what
                  + " at position "
                  + place
                  + ", found "
                  + (place < text.length()
                      ? "'" + Character.toString(text.codePointAt(place)) + "'"
                      : "the end")
              : (inOptions ? "options" : "stages")
                  + " are separated by \",\"; found \""
                  + text.charAt(separator)
                  + "\" at position "
                  + separator;
      return new IllegalArgumentException(
          problem
              + " in: "
              + text
              + (inValue
                  ? ". A value with such a character has to be in quotes, as Spec.quoted writes it,"
                      + " or in a file, as =@file"
                  : ""));
    }
  }
}
