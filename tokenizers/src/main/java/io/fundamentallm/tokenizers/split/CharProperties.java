package io.fundamentallm.tokenizers.split;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.tokenizers.unicode.Scripts;
import io.fundamentallm.tokenizers.unicode.Unicode;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Sets of code points that patterns have names for. */
final class CharProperties {
  static final ImmutableRangeSet<Integer> HEX = CodePoints.ofAll("0123456789ABCDEFabcdef");

  private static final ImmutableRangeSet<Integer> ASCII = CodePoints.range(0, 0x7F);

  /**
   * What is Alphabetic without being a letter, a number or a mark: circled and squared Latin
   * letters, Other_Alphabetic in the Unicode Character Database.
   */
  private static final ImmutableRangeSet<Integer> ALPHABETIC_SYMBOLS =
      CodePoints.range(0x24B6, 0x24E9)
          .union(CodePoints.range(0x1F130, 0x1F149))
          .union(CodePoints.range(0x1F150, 0x1F169))
          .union(CodePoints.range(0x1F170, 0x1F189));

  /** The codes of categories, in the order of {@link Unicode}'s constants. */
  private static final String CODES =
      "lu ll lt lm lo mn mc me nd nl no pc pd ps pe pi pf po sm sc sk so zs zl zp cc cf cs co cn";

  /** Long names, as codes; names of groups as their letter. */
  private static final Map<String, String> LONG_NAMES =
      Splitter.on(' ')
          .withKeyValueSeparator('=')
          .split(
              "letter=l casedletter=lc uppercaseletter=lu lowercaseletter=ll titlecaseletter=lt"
                  + " modifierletter=lm otherletter=lo mark=m combiningmark=m nonspacingmark=mn"
                  + " spacingmark=mc enclosingmark=me number=n decimalnumber=nd letternumber=nl"
                  + " othernumber=no punctuation=p connectorpunctuation=pc dashpunctuation=pd"
                  + " openpunctuation=ps closepunctuation=pe initialpunctuation=pi finalpunctuation=pf"
                  + " otherpunctuation=po symbol=s mathsymbol=sm currencysymbol=sc modifiersymbol=sk"
                  + " othersymbol=so separator=z spaceseparator=zs lineseparator=zl"
                  + " paragraphseparator=zp other=c control=cc format=cf surrogate=cs privateuse=co"
                  + " unassigned=cn");

  private CharProperties() {}

  /** Read from the tables once. */
  private static final class Known {
    static final List<ImmutableRangeSet<Integer>> CATEGORIES;
    static final ImmutableRangeSet<Integer> SPACE;

    static {
      BitSet[] sets = new BitSet[30];
      Arrays.setAll(sets, category -> new BitSet());
      for (int start = 0; start < CodePoints.LIMIT; ) {
        int category = Unicode.category(start);
        int end = start + 1;
        while (end < CodePoints.LIMIT && Unicode.category(end) == category) {
          end++;
        }
        sets[category].set(start, end);
        start = end;
      }
      CATEGORIES = Arrays.stream(sets).map(CodePoints::of).toList();
      BitSet space = new BitSet();
      IntStream.range(0, 0x10000).filter(Unicode::isWhiteSpace).forEach(space::set); // all of them
      SPACE = CodePoints.of(space);
    }
  }

  static ImmutableRangeSet<Integer> space() {
    return Known.SPACE;
  }

  static ImmutableRangeSet<Integer> digit() {
    return Known.CATEGORIES.get(Unicode.ND);
  }

  static ImmutableRangeSet<Integer> numeric() {
    return categories("n");
  }

  /** What {@code \w} is outside brackets. */
  static ImmutableRangeSet<Integer> word(Regex.Dialect dialect) {
    return dialect == Regex.Dialect.RUST ? Words.RUST : Words.ONIGURUMA;
  }

  /** What {@code \w} is within brackets. */
  static ImmutableRangeSet<Integer> wordInClass(Regex.Dialect dialect) {
    return dialect == Regex.Dialect.RUST ? Words.RUST : Words.COMMON;
  }

  /** Put together once. */
  private static final class Words {
    /** Alphabetic, M, Nd and Pc. */
    static final ImmutableRangeSet<Integer> COMMON =
        categories("l")
            .union(categories("m"))
            .union(categories("nd"))
            .union(categories("nl"))
            .union(categories("pc"))
            .union(ALPHABETIC_SYMBOLS);

    /** Outside brackets Oniguruma uses a table of ISO 8859-1 for the first 256. */
    static final ImmutableRangeSet<Integer> ONIGURUMA = COMMON.union(CodePoints.ofAll("²³¹¼½¾"));

    static final ImmutableRangeSet<Integer> RUST = COMMON.union(CodePoints.range(0x200C, 0x200D));
  }

  /** The set that a property's name stands for, or null. */
  static @Nullable ImmutableRangeSet<Integer> named(String name, Regex.Dialect dialect) {
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
    ImmutableRangeSet<Integer> category = category(loose);
    if (category != null) {
      return category;
    }
    return switch (loose) {
      case "any" -> CodePoints.ALL;
      case "assigned" -> CodePoints.not(categories("cn"));
      case "ascii" -> ASCII;
      case "whitespace", "wspace" -> space();
      case "joincontrol", "joinc" -> CodePoints.range(0x200C, 0x200D);
      default -> {
        ImmutableRangeSet<Integer> posix =
            dialect == Regex.Dialect.ONIGURUMA ? posix(loose, dialect) : null;
        yield posix != null ? posix : script(loose);
      }
    };
  }

  /** The set of a POSIX class, or null. */
  static @Nullable ImmutableRangeSet<Integer> posix(String name, Regex.Dialect dialect) {
    boolean ascii = dialect == Regex.Dialect.RUST;
    return switch (name) {
      case "ascii" -> ASCII;
      case "xdigit" -> HEX;
      case "blank" -> ascii ? CodePoints.ofAll(" \t") : categories("zs").union(CodePoints.of('\t'));
      case "cntrl" -> ascii ? ASCII.intersection(categories("cc")) : categories("cc");
      case "digit" -> ascii ? CodePoints.range('0', '9') : digit();
      case "space" -> ascii ? ASCII.intersection(space()) : space();
      case "word" -> ascii ? ASCII.intersection(word(dialect)) : wordInClass(dialect);
      case "graph" -> ascii ? CodePoints.range('!', '~') : visible();
      case "print" -> ascii ? CodePoints.range(' ', '~') : visible().union(categories("zs"));
      case "punct" -> {
        ImmutableRangeSet<Integer> punct = categories("p").union(categories("s"));
        yield ascii ? ASCII.intersection(punct) : punct;
      }
      case "upper" -> ascii ? CodePoints.range('A', 'Z') : null;
      case "lower" -> ascii ? CodePoints.range('a', 'z') : null;
      case "alpha" -> ascii ? ASCII.intersection(categories("l")) : null;
      case "alnum" -> ascii ? ASCII.intersection(categories("l").union(categories("nd"))) : null;
      default -> null;
    };
  }

  private static ImmutableRangeSet<Integer> visible() {
    return CodePoints.not(
        categories("cc").union(categories("cn")).union(categories("cs")).union(space()));
  }

  private static @Nullable ImmutableRangeSet<Integer> category(String name) {
    String code = LONG_NAMES.getOrDefault(name, name);
    return code.isEmpty() || code.length() > 2 ? null : nonEmpty(categories(code));
  }

  private static @Nullable ImmutableRangeSet<Integer> nonEmpty(ImmutableRangeSet<Integer> set) {
    return set.isEmpty() ? null : set;
  }

  /** The union of the categories whose code begins like this. */
  private static ImmutableRangeSet<Integer> categories(String code) {
    if (code.equals("lc") || code.equals("l&")) {
      return categories("lu").union(categories("ll")).union(categories("lt"));
    }
    BitSet union = new BitSet();
    for (int i = 0; i < 30; i++) {
      if (CODES.startsWith(code, 3 * i)) {
        union.or(CodePoints.table(Known.CATEGORIES.get(i)));
      }
    }
    return CodePoints.of(union);
  }

  private static @Nullable ImmutableRangeSet<Integer> script(String name) {
    int script = Scripts.named(name);
    if (script < 0) {
      return null;
    }
    return CodePoints.where(c -> Scripts.of(c) == script);
  }
}
