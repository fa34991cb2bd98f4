package io.fundamentallm.tokenizers.split;

import io.fundamentallm.tokenizers.unicode.Scripts;
import io.fundamentallm.tokenizers.unicode.Unicode;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sets of code points that patterns have names for. */
final class CharProperties {
  static final CharSet HEX =
      new CharSet.Builder().add('0', '9').add('A', 'F').add('a', 'f').build();

  private static final CharSet ASCII = CharSet.of(0, 0x7F);

  /**
   * What is Alphabetic without being a letter, a number or a mark: circled and squared Latin
   * letters, Other_Alphabetic in the Unicode Character Database.
   */
  private static final CharSet ALPHABETIC_SYMBOLS =
      new CharSet.Builder()
          .add(0x24B6, 0x24E9)
          .add(0x1F130, 0x1F149)
          .add(0x1F150, 0x1F169)
          .add(0x1F170, 0x1F189)
          .build();

  /** The codes of categories, in the order of {@link Unicode}'s constants. */
  private static final String CODES =
      "lu ll lt lm lo mn mc me nd nl no pc pd ps pe pi pf po sm sc sk so zs zl zp cc cf cs co cn";

  /** Long names, as codes; names of groups as their letter. */
  private static final Map<String, String> LONG_NAMES =
      Map.ofEntries(
          Map.entry("letter", "l"),
          Map.entry("casedletter", "lc"),
          Map.entry("uppercaseletter", "lu"),
          Map.entry("lowercaseletter", "ll"),
          Map.entry("titlecaseletter", "lt"),
          Map.entry("modifierletter", "lm"),
          Map.entry("otherletter", "lo"),
          Map.entry("mark", "m"),
          Map.entry("combiningmark", "m"),
          Map.entry("nonspacingmark", "mn"),
          Map.entry("spacingmark", "mc"),
          Map.entry("enclosingmark", "me"),
          Map.entry("number", "n"),
          Map.entry("decimalnumber", "nd"),
          Map.entry("letternumber", "nl"),
          Map.entry("othernumber", "no"),
          Map.entry("punctuation", "p"),
          Map.entry("connectorpunctuation", "pc"),
          Map.entry("dashpunctuation", "pd"),
          Map.entry("openpunctuation", "ps"),
          Map.entry("closepunctuation", "pe"),
          Map.entry("initialpunctuation", "pi"),
          Map.entry("finalpunctuation", "pf"),
          Map.entry("otherpunctuation", "po"),
          Map.entry("symbol", "s"),
          Map.entry("mathsymbol", "sm"),
          Map.entry("currencysymbol", "sc"),
          Map.entry("modifiersymbol", "sk"),
          Map.entry("othersymbol", "so"),
          Map.entry("separator", "z"),
          Map.entry("spaceseparator", "zs"),
          Map.entry("lineseparator", "zl"),
          Map.entry("paragraphseparator", "zp"),
          Map.entry("other", "c"),
          Map.entry("control", "cc"),
          Map.entry("format", "cf"),
          Map.entry("surrogate", "cs"),
          Map.entry("privateuse", "co"),
          Map.entry("unassigned", "cn"));

  private CharProperties() {}

  /** Read from the tables once. */
  private static final class Known {
    static final CharSet[] CATEGORIES = new CharSet[30];
    static final CharSet SPACE;

    static {
      CharSet.Builder[] builders = new CharSet.Builder[30];
      for (int i = 0; i < 30; i++) {
        builders[i] = new CharSet.Builder();
      }
      CharSet.Builder space = new CharSet.Builder();
      for (int start = 0; start < CharSet.LIMIT; ) {
        int category = Unicode.category(start);
        int end = start + 1;
        while (end < CharSet.LIMIT && Unicode.category(end) == category) {
          end++;
        }
        builders[category].add(start, end - 1);
        start = end;
      }
      // all White_Space is below
      for (int c = 0; c < 0x10000; c++) {
        if (Unicode.isWhiteSpace(c)) {
          space.add(c, c);
        }
      }
      for (int i = 0; i < 30; i++) {
        CATEGORIES[i] = builders[i].build();
      }
      SPACE = space.build();
    }
  }

  static CharSet space() {
    return Known.SPACE;
  }

  static CharSet digit() {
    return Known.CATEGORIES[Unicode.ND];
  }

  static CharSet numeric() {
    return categories("n");
  }

  /** What {@code \w} is outside of brackets. */
  static CharSet word(Regex.Dialect dialect) {
    return dialect == Regex.Dialect.RUST ? Words.RUST : Words.ONIGURUMA;
  }

  /** What {@code \w} is within brackets. */
  static CharSet wordInClass(Regex.Dialect dialect) {
    return dialect == Regex.Dialect.RUST ? Words.RUST : Words.COMMON;
  }

  /** Put together once. */
  private static final class Words {
    /** Alphabetic, M, Nd and Pc. */
    static final CharSet COMMON =
        new CharSet.Builder()
            .addAll(categories("l"))
            .addAll(categories("m"))
            .addAll(categories("nd"))
            .addAll(categories("nl"))
            .addAll(categories("pc"))
            .addAll(ALPHABETIC_SYMBOLS)
            .build();

    /** Outside of brackets Oniguruma asks a table of ISO 8859-1 about the first 256. */
    static final CharSet ONIGURUMA = COMMON.or(CharSet.ofAll("²³¹¼½¾"));

    static final CharSet RUST = COMMON.or(CharSet.of(0x200C, 0x200D));
  }

  /** The set that a property's name stands for, or null. */
  static @Nullable CharSet named(String name, Regex.Dialect dialect) {
    String loose = name.replaceAll("[ _-]", "").toLowerCase(Locale.ROOT);
    int equals = loose.indexOf('=');
    if (equals >= 0) {
      String property = loose.substring(0, equals);
      String value = loose.substring(equals + 1);
      return switch (property) {
        case "gc", "generalcategory" -> category(value);
        case "sc", "script" -> script(value);
        default -> null;
      };
    }
    CharSet category = category(loose);
    if (category != null) {
      return category;
    }
    return switch (loose) {
      case "any" -> CharSet.ALL;
      case "assigned" -> categories("cn").not();
      case "ascii" -> ASCII;
      case "whitespace", "wspace" -> space();
      case "joincontrol", "joinc" -> CharSet.of(0x200C, 0x200D);
      default -> {
        CharSet posix = dialect == Regex.Dialect.ONIGURUMA ? posix(loose, dialect) : null;
        yield posix != null ? posix : script(loose);
      }
    };
  }

  /** The set of a POSIX class, or null. */
  static @Nullable CharSet posix(String name, Regex.Dialect dialect) {
    boolean ascii = dialect == Regex.Dialect.RUST;
    return switch (name) {
      case "ascii" -> ASCII;
      case "xdigit" -> HEX;
      case "blank" -> ascii ? CharSet.ofAll(" \t") : categories("zs").or(CharSet.of('\t'));
      case "cntrl" -> ascii ? ASCII.and(categories("cc")) : categories("cc");
      case "digit" -> ascii ? CharSet.of('0', '9') : digit();
      case "space" -> ascii ? ASCII.and(space()) : space();
      case "word" -> ascii ? ASCII.and(word(dialect)) : wordInClass(dialect);
      case "graph" -> ascii ? CharSet.of('!', '~') : visible();
      case "print" -> ascii ? CharSet.of(' ', '~') : visible().or(categories("zs"));
      case "punct" -> {
        CharSet punct = categories("p").or(categories("s"));
        yield ascii ? ASCII.and(punct) : punct;
      }
      case "upper" -> ascii ? CharSet.of('A', 'Z') : null;
      case "lower" -> ascii ? CharSet.of('a', 'z') : null;
      case "alpha" -> ascii ? ASCII.and(categories("l")) : null;
      case "alnum" -> ascii ? ASCII.and(categories("l").or(categories("nd"))) : null;
      default -> null;
    };
  }

  private static CharSet visible() {
    return categories("cc").or(categories("cn")).or(categories("cs")).or(space()).not();
  }

  private static @Nullable CharSet category(String name) {
    String code = LONG_NAMES.getOrDefault(name, name);
    return code.isEmpty() || code.length() > 2 ? null : nonEmpty(categories(code));
  }

  private static @Nullable CharSet nonEmpty(CharSet set) {
    return set.isEmpty() ? null : set;
  }

  /** The union of the categories whose code begins so. */
  private static CharSet categories(String code) {
    if (code.equals("lc") || code.equals("l&")) {
      return categories("lu").or(categories("ll")).or(categories("lt"));
    }
    CharSet.Builder union = new CharSet.Builder();
    for (int i = 0; i < 30; i++) {
      if (CODES.startsWith(code, 3 * i)) {
        union.addAll(Known.CATEGORIES[i]);
      }
    }
    return union.build();
  }

  private static @Nullable CharSet script(String name) {
    int script = Scripts.named(name);
    if (script < 0) {
      return null;
    }
    CharSet.Builder members = new CharSet.Builder();
    for (int c = 0; c < CharSet.LIMIT; c++) {
      if (Scripts.of(c) == script) {
        int first = c;
        while (c + 1 < CharSet.LIMIT && Scripts.of(c + 1) == script) {
          c++;
        }
        members.add(first, c);
      }
    }
    return members.build();
  }
}
