package io.fundamentallm.tokenizers.huggingface;

import io.fundamentallm.tokenizers.json.JsonTree;
import io.fundamentallm.tokenizers.model.AffixedBpe;
import io.fundamentallm.tokenizers.model.Bpe;
import io.fundamentallm.tokenizers.model.BpeUnits;
import io.fundamentallm.tokenizers.model.ByteStrings;
import io.fundamentallm.tokenizers.model.Model;
import io.fundamentallm.tokenizers.model.PairTable;
import io.fundamentallm.tokenizers.model.Symbols;
import io.fundamentallm.tokenizers.model.Unigram;
import io.fundamentallm.tokenizers.model.WordLevel;
import io.fundamentallm.tokenizers.model.WordPiece;
import io.fundamentallm.tokenizers.text.PrintableBytes;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Models as {@code tokenizer.json} describes them. */
public final class Models {
  private static final int MAX_AFFIX = 1000;

  private Models() {}

  /** A model, with what its file has besides the tokens' written forms. */
  public record Built(Model model, @Nullable PairTable merges, double @Nullable [] scores) {}

  public static Built of(
      TokenizerJson json, ByteStrings strings, boolean byteLevel, Set<Integer> special)
      throws IOException {
    String type = json.modelType();
    if (json.scores() != null && !type.equals("Unigram")) {
      throw json.model().error("only a Unigram model has pieces with scores");
    }
    try {
      return switch (type) {
        case "BPE" -> bpe(json, strings, byteLevel, special);
        case "Unigram" -> unigram(json, strings, special);
        case "WordPiece" ->
            built(
                new WordPiece(
                    strings,
                    json.ids().getOrDefault(text(json, "unk_token", "[UNK]"), -1),
                    affix(json, "continuing_subword_prefix", "##"),
                    json.model().get("max_input_chars_per_word").isNull()
                        ? 100
                        : json.model()
                            .get("max_input_chars_per_word")
                            .integer(0, Integer.MAX_VALUE)));
        case "WordLevel" -> {
          Integer unk = json.ids().get(text(json, "unk_token", "<unk>"));
          yield built(
              Components.cutsEveryCharacter(json.components().get("pre_tokenizer"))
                  ? Symbols.characters(strings, unk == null ? Symbols.REFUSE : unk)
                  : new WordLevel(strings, unk == null ? -1 : unk));
        }
        default -> throw json.model().get("type").error("the model \"" + type + "\" is not known");
      };
    } catch (IllegalArgumentException e) {
      throw json.model().error(String.valueOf(e.getMessage()));
    }
  }

  private static Built built(Model model) {
    return new Built(model, null, null);
  }

  private static String text(TokenizerJson json, String key, String defaultValue)
      throws IOException {
    String text = json.model().get(key).textOrNull();
    return text == null ? defaultValue : text;
  }

  /** What is put at every character of a text, and so must not be long. */
  private static String affix(TokenizerJson json, String key, String defaultValue)
      throws IOException {
    String affix = text(json, key, defaultValue);
    if (affix.length() > MAX_AFFIX) {
      throw json.model()
          .get(key)
          .error("it has " + affix.length() + " characters, expected at most " + MAX_AFFIX);
    }
    return affix;
  }

  private static Built bpe(
      TokenizerJson json, ByteStrings strings, boolean byteLevel, Set<Integer> special)
      throws IOException {
    String prefix = affix(json, "continuing_subword_prefix", "");
    String suffix = affix(json, "end_of_word_suffix", "");
    PairTable merges = merges(json, strings, byteLevel, prefix, special);
    String unkToken = json.model().get("unk_token").textOrNull();
    int unk = unkToken == null ? -1 : id(json, unkToken, "model.unk_token");
    boolean fuse = json.model().get("fuse_unk").flag(false);
    boolean ignoreMerges = json.model().get("ignore_merges").flag(false);
    if (!prefix.isEmpty() || !suffix.isEmpty()) {
      return new Built(
          new AffixedBpe(strings, merges, prefix, suffix, unk, fuse, byteLevel), merges, null);
    }
    BpeUnits units;
    if (byteLevel) {
      int[] ids = new int[256];
      for (int b = 0; b < 256; b++) {
        ids[b] = json.ids().getOrDefault(PrintableBytes.form(b), -1);
      }
      if (merges.size() == 0 && !ignoreMerges && Arrays.stream(ids).allMatch(b -> b >= 0)) {
        return new Built(Symbols.bytes(ids, strings), merges, null);
      }
      units = BpeUnits.bytes(ids, unk, fuse);
    } else {
      int[] fallback = {};
      if (json.model().get("byte_fallback").flag(false)) {
        fallback = new int[256];
        for (int b = 0; b < 256; b++) {
          fallback[b] = json.ids().getOrDefault(String.format("<0x%02X>", b), -1);
        }
      } else if (merges.size() == 0 && !ignoreMerges && !fuse) {
        return new Built(Symbols.characters(strings, unk < 0 ? Symbols.OMIT : unk), merges, null);
      }
      units = BpeUnits.characters(strings, fallback, unk, fuse);
    }
    return new Built(new Bpe(strings, merges, units, ignoreMerges), merges, null);
  }

  private static PairTable merges(
      TokenizerJson json,
      ByteStrings strings,
      boolean byteLevel,
      String prefix,
      Set<Integer> special)
      throws IOException {
    List<String> merges = json.merges();
    PairTable table = new PairTable(merges.size() / 2);
    ByteForms forms = new ByteForms(json, strings, byteLevel && prefix.isEmpty());
    for (int i = 0; i < merges.size(); i += 2) {
      String left = merges.get(i);
      String right = merges.get(i + 1);
      int leftId = forms.id(left, "");
      int rightId = forms.id(right, "");
      int product =
          forms.id(left, right.startsWith(prefix) ? right.substring(prefix.length()) : right);
      if (leftId < 0 || rightId < 0 || product < 0) {
        throw new IOException(
            json.file()
                + ", model.merges["
                + i / 2
                + "]: \""
                + left
                + "\" and \""
                + right
                + "\" name a token that the vocabulary lacks, \""
                + (leftId < 0 ? left : rightId < 0 ? right : left + right)
                + "\"");
      }
      if (!special.contains(product)) {
        table.add(leftId, rightId, product); // never what looks like a control token
      }
    }
    return table;
  }

  private static int id(TokenizerJson json, String form, String place) throws IOException {
    Integer id = json.ids().get(form);
    if (id == null) {
      throw new IOException(
          json.file() + ", " + place + ": \"" + form + "\" is not in the vocabulary");
    }
    return id;
  }

  private static Built unigram(TokenizerJson json, ByteStrings strings, Set<Integer> special)
      throws IOException {
    double[] scores = json.scores();
    if (scores == null) {
      throw json.model().get("vocab").error("a Unigram model needs pieces with scores");
    }
    byte[][] pieces = new byte[scores.length][];
    for (int id = 0; id < pieces.length; id++) {
      // text that looks like a control token is not one
      pieces[id] = special.contains(id) ? new byte[0] : strings.bytes(id);
    }
    JsonTree unk = json.model().get("unk_id");
    Model model =
        new Unigram(
            pieces,
            Arrays.copyOf(scores, scores.length),
            unk.isNull() ? Unigram.NONE : unk.integer(0, scores.length - 1),
            json.model().get("byte_fallback").flag(false));
    return new Built(model, null, scores);
  }
}
