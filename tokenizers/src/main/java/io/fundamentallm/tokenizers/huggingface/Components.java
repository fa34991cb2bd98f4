package io.fundamentallm.tokenizers.huggingface;

import io.fundamentallm.tokenizers.json.JsonTree;
import io.fundamentallm.tokenizers.split.BertSplit;
import io.fundamentallm.tokenizers.split.ByteLevelSplit;
import io.fundamentallm.tokenizers.split.CharSplit;
import io.fundamentallm.tokenizers.split.FixedLengthSplit;
import io.fundamentallm.tokenizers.split.MetaspaceSplit;
import io.fundamentallm.tokenizers.split.PreTokenizer;
import io.fundamentallm.tokenizers.split.PrependScheme;
import io.fundamentallm.tokenizers.split.Regex;
import io.fundamentallm.tokenizers.split.RegexSplit;
import io.fundamentallm.tokenizers.split.Scanners;
import io.fundamentallm.tokenizers.split.ScriptSplit;
import io.fundamentallm.tokenizers.split.SequenceSplit;
import io.fundamentallm.tokenizers.split.SplitBehavior;
import io.fundamentallm.tokenizers.split.WordSplit;
import io.fundamentallm.tokenizers.text.BertNormalizer;
import io.fundamentallm.tokenizers.text.Lowercase;
import io.fundamentallm.tokenizers.text.Nmt;
import io.fundamentallm.tokenizers.text.NormalizationForm;
import io.fundamentallm.tokenizers.text.Normalizer;
import io.fundamentallm.tokenizers.text.Precompiled;
import io.fundamentallm.tokenizers.text.PrecompiledCharsmap;
import io.fundamentallm.tokenizers.text.Prepend;
import io.fundamentallm.tokenizers.text.Replace;
import io.fundamentallm.tokenizers.text.Sequence;
import io.fundamentallm.tokenizers.text.Strip;
import io.fundamentallm.tokenizers.text.StripAccents;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Normalizers and pre-tokenizers as {@code tokenizer.json} describes them. */
final class Components {
  private Components() {}

  /** A normalizer; null for none. */
  static @Nullable Normalizer normalizer(JsonTree json) throws IOException {
    if (json.isNull()) {
      return null;
    }
    String type = json.get("type").text();
    return switch (type) {
      case "Sequence" -> {
        List<Normalizer> steps = new ArrayList<>();
        for (JsonTree step : json.get("normalizers").list()) {
          Normalizer normalizer = normalizer(step);
          if (normalizer != null) {
            steps.add(normalizer);
          }
        }
        yield steps.isEmpty() ? null : steps.size() == 1 ? steps.get(0) : new Sequence(steps);
      }
      case "NFC" -> NormalizationForm.NFC;
      case "NFD" -> NormalizationForm.NFD;
      case "NFKC" -> NormalizationForm.NFKC;
      case "NFKD" -> NormalizationForm.NFKD;
      case "Nmt" -> new Nmt();
      case "Lowercase" -> new Lowercase();
      case "StripAccents" -> new StripAccents();
      case "Strip" ->
          new Strip(json.get("strip_left").flag(true), json.get("strip_right").flag(true));
      case "Prepend" -> new Prepend(json.get("prepend").text());
      case "Replace" -> replace(json);
      case "BertNormalizer" -> {
        JsonTree strip = json.get("strip_accents");
        yield new BertNormalizer(
            json.get("clean_text").flag(true),
            json.get("handle_chinese_chars").flag(true),
            strip.isNull() ? null : Boolean.valueOf(strip.flag(false)),
            json.get("lowercase").flag(true));
      }
      case "Precompiled" -> precompiled(json.get("precompiled_charsmap"));
      default -> throw json.get("type").error("the normalizer \"" + type + "\" is not known");
    };
  }

  private static @Nullable Normalizer precompiled(JsonTree json) throws IOException {
    if (json.isNull() || json.text().isEmpty()) {
      return null;
    }
    try {
      return new Precompiled(new PrecompiledCharsmap(Base64.getDecoder().decode(json.text())));
    } catch (IllegalArgumentException e) {
      throw json.error(String.valueOf(e.getMessage()));
    }
  }

  private static Normalizer replace(JsonTree json) throws IOException {
    JsonTree pattern = json.get("pattern");
    String content = json.get("content").text();
    return pattern.get("String").isNull()
        ? new Replace(regex(pattern.get("Regex")), content)
        : new Replace(pattern.get("String").text(), content);
  }

  static Regex regex(JsonTree json) throws IOException {
    try {
      return Regex.compile(json.text());
    } catch (IllegalArgumentException e) {
      throw json.error(String.valueOf(e.getMessage()));
    }
  }

  /** A pre-tokenizer; null for none. */
  static @Nullable PreTokenizer preTokenizer(JsonTree json) throws IOException {
    if (json.isNull()) {
      return null;
    }
    String type = json.get("type").text();
    return switch (type) {
      case "Sequence" -> sequence(json.get("pretokenizers").list());
      case "ByteLevel" -> {
        PreTokenizer words = json.get("use_regex").flag(true) ? Scanners.GPT2 : null;
        yield json.get("add_prefix_space").flag(true) ? new ByteLevelSplit(true, words) : words;
      }
      case "Split" -> split(json);
      case "BertPreTokenizer" -> BertSplit.INSTANCE;
      case "Whitespace" -> new WordSplit();
      case "WhitespaceSplit" -> CharSplit.whiteSpace();
      case "Digits" -> CharSplit.digits(json.get("individual_digits").flag(false));
      case "UnicodeScripts" -> ScriptSplit.INSTANCE;
      case "Punctuation" -> CharSplit.punctuation(behavior(json.get("behavior")));
      case "CharDelimiterSplit" -> CharSplit.delimiter(character(json.get("delimiter")));
      case "FixedLength" -> new FixedLengthSplit(json.get("length").integer(1, Integer.MAX_VALUE));
      case "Metaspace" -> metaspace(json);
      default -> throw json.get("type").error("the pre-tokenizer \"" + type + "\" is not known");
    };
  }

  private static @Nullable PreTokenizer sequence(List<JsonTree> steps) throws IOException {
    List<PreTokenizer> made = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      // several published patterns in a row may be one scanner
      int end = i;
      List<String> patterns = new ArrayList<>();
      while (end < steps.size() && isolatedPattern(steps.get(end)).isPresent()) {
        patterns.add(isolatedPattern(steps.get(end++)).get());
      }
      Optional<PreTokenizer> scanner = Scanners.of(patterns.toArray(new String[0]));
      if (!patterns.isEmpty() && scanner.isPresent()) {
        made.add(scanner.get());
        i = end - 1;
        continue;
      }
      PreTokenizer step = preTokenizer(steps.get(i));
      if (step != null) {
        made.add(step);
      }
    }
    return made.isEmpty() ? null : made.size() == 1 ? made.get(0) : new SequenceSplit(made);
  }

  /** The pattern of a Split that makes a piece of each match and of each gap. */
  private static Optional<String> isolatedPattern(JsonTree json) throws IOException {
    if (!json.get("type").text().equals("Split")
        || !json.get("pattern").isObject()
        || json.get("pattern").get("Regex").isNull()) {
      return Optional.empty();
    }
    String behavior = json.get("behavior").text();
    boolean invert = json.get("invert").flag(false);
    // a pattern that leaves nothing out gives the same either way
    return behavior.equals("Isolated") || (behavior.equals("Removed") && invert)
        ? Optional.of(json.get("pattern").get("Regex").text())
        : Optional.empty();
  }

  /** Whether every character is a piece, line ends included; a plain dot would leave them out. */
  static boolean cutsEveryCharacter(JsonTree json) throws IOException {
    return !json.isNull() && isolatedPattern(json).filter("[\\s\\S]"::equals).isPresent();
  }

  private static PreTokenizer split(JsonTree json) throws IOException {
    Optional<PreTokenizer> scanner = isolatedPattern(json).flatMap(Scanners::of);
    if (scanner.isPresent()) {
      return scanner.get();
    }
    JsonTree pattern = json.get("pattern");
    SplitBehavior behavior = behavior(json.get("behavior"));
    boolean invert = json.get("invert").flag(false);
    if (pattern.isText()) {
      return new RegexSplit(Regex.literal(pattern.text()), behavior, invert);
    }
    return pattern.get("String").isNull()
        ? new RegexSplit(regex(pattern.get("Regex")), behavior, invert)
        : new RegexSplit(Regex.literal(pattern.get("String").text()), behavior, invert);
  }

  private static SplitBehavior behavior(JsonTree json) throws IOException {
    if (json.isNull()) {
      return SplitBehavior.ISOLATED;
    }
    return switch (json.text()) {
      case "Removed" -> SplitBehavior.REMOVED;
      case "Isolated" -> SplitBehavior.ISOLATED;
      case "MergedWithPrevious" -> SplitBehavior.MERGED_WITH_PREVIOUS;
      case "MergedWithNext" -> SplitBehavior.MERGED_WITH_NEXT;
      case "Contiguous" -> SplitBehavior.CONTIGUOUS;
      default ->
          throw json.expected(
              "Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous");
    };
  }

  static int character(JsonTree json) throws IOException {
    String text = json.text();
    if (text.codePointCount(0, text.length()) != 1) {
      throw json.expected("one character");
    }
    return text.codePointAt(0);
  }

  private static PreTokenizer metaspace(JsonTree json) throws IOException {
    return new MetaspaceSplit(
        json.get("replacement").isNull() ? 0x2581 : character(json.get("replacement")),
        scheme(json),
        json.get("split").flag(true));
  }

  /** Older files have a flag in place of the scheme. */
  static PrependScheme scheme(JsonTree json) throws IOException {
    JsonTree scheme = json.get("prepend_scheme");
    if (scheme.isNull()) {
      return json.get("add_prefix_space").flag(true) ? PrependScheme.ALWAYS : PrependScheme.NEVER;
    }
    return switch (scheme.text()) {
      case "always" -> PrependScheme.ALWAYS;
      case "first" -> PrependScheme.FIRST;
      case "never" -> PrependScheme.NEVER;
      default -> throw scheme.expected("always, first or never");
    };
  }
}
