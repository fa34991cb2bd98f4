package io.fundamentallm.tokenizers.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.Registry;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.HuggingFaceProvider;
import io.fundamentallm.tokenizers.SentencePieceProvider;
import io.fundamentallm.tokenizers.pipeline.BosEosProcessor;
import io.fundamentallm.tokenizers.pipeline.TokenForms;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceModel.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same ids by tokenizer.json as by the model's own file. */
class SentencePieceJsonTest {
  private static final Registry REGISTRY = Registry.of().with(new HuggingFaceProvider());
  private static final String[] SYMBOLS = {
    "[INST]", "<|im|>", "<|im|>more", "\n\n", "a.b", "\u00E9x"
  };
  private static final String[] PARTS = {
    " ",
    "  ",
    "   ",
    "\n",
    "\n\n",
    "\t",
    "the",
    "The",
    "queen",
    "O, sir",
    "'tis",
    "not",
    "zqx",
    "\u00E9",
    "\u4F60\u597D",
    "\uD83D\uDE42",
    "\u2581",
    "<s>",
    "</s>",
    "<unk>",
    "[INST]",
    "<|im|>",
    "<|im|>more",
    "a.b",
    "aXb",
    "\u00E9x",
    "\u0301",
    "1984",
    ".",
    ",",
    "-",
    "ababab",
    "aaaa"
  };

  @TempDir private Path directory;

  /** What a trained model would be with other settings. */
  record Variant(
      SentencePieceModel.Type type, boolean prefix, boolean extra, boolean bytes, boolean symbols) {
    Tokenizer tokenizer() throws IOException {
      String name = type == SentencePieceModel.Type.BPE ? "bpe" : "unigram";
      byte[] file =
          SentencePieceVectors.bytes("training/spm_" + name + "_tinyshakespeare_1000.model");
      SentencePieceModel trained = SentencePieceReader.parse("test.model", file);
      List<byte[]> pieces = new ArrayList<>(List.of(trained.pieces()));
      List<Float> scores = new ArrayList<>();
      for (float score : trained.scores()) {
        scores.add(score);
      }
      List<Kind> kinds = new ArrayList<>(List.of(trained.kinds()));
      for (int id = pieces.size() - 1; !bytes && id >= 0; id--) {
        if (kinds.get(id) == Kind.BYTE) {
          pieces.remove(id);
          scores.remove(id);
          kinds.remove(id);
        }
      }
      for (String symbol : symbols ? SYMBOLS : new String[0]) {
        pieces.add(symbol.getBytes(StandardCharsets.UTF_8));
        kinds.add(Kind.USER_DEFINED);
        scores.add(0f);
      }
      float[] all = new float[scores.size()];
      for (int i = 0; i < all.length; i++) {
        all[i] = scores.get(i);
      }
      SentencePieceModel model =
          new SentencePieceModel(
              type,
              pieces.toArray(byte[][]::new),
              all,
              kinds.toArray(Kind[]::new),
              bytes,
              trained.unknown(),
              trained.bos(),
              trained.eos(),
              trained.pad(),
              trained.unknownSurface(),
              false,
              new SentencePieceRules(null, prefix, extra, true),
              null);
      TokenForms.Roles roles =
          new TokenForms.Roles(model.bos(), model.eos(), null, model.unknown());
      BosEosProcessor boundary = new BosEosProcessor(model.bos(), -1);
      return SentencePieceTokenizer.of(
          model,
          roles,
          boundary,
          null,
          Path.of("tokenizer_config.json"),
          new SentencePieceFiles(file, model, roles, boundary, null));
    }
  }

  static Stream<Variant> variants() {
    return Stream.of(SentencePieceModel.Type.BPE)
        .flatMap(
            type ->
                IntStream.range(0, 12) // not both bytes and symbols
                    .mapToObj(
                        i ->
                            new Variant(type, (i & 1) > 0, (i & 2) > 0, (i & 4) > 0, (i & 8) > 0)));
  }

  private static List<String> texts() throws IOException {
    List<String> texts =
        new ArrayList<>(List.of("", " ", "  a", "a  ", "a \u2581 b", "[INST]", " [INST] "));
    texts.addAll(Arrays.asList(PARTS));
    SentencePieceVectors.read("spm_trained_bpe1000").forEach(vector -> texts.add(vector.text()));
    Random random = new Random(5);
    for (int i = 0; i < 1_500; i++) {
      StringBuilder text = new StringBuilder();
      for (int k = random.nextInt(12); k >= 0; k--) {
        text.append(PARTS[random.nextInt(PARTS.length)]);
      }
      texts.add(text.toString());
    }
    return texts;
  }

  @ParameterizedTest
  @MethodSource("variants")
  void ids_are_equal(Variant variant) throws IOException {
    Tokenizer own = variant.tokenizer();
    own.saveJson(directory);
    assertThat(directory).isDirectoryContaining(file -> file.endsWith("tokenizer.json"));
    Tokenizer read = Tokenizers.load(directory, REGISTRY);
    assertThat(read.vocabulary().size()).isEqualTo(own.vocabulary().size());
    EncodingOptions bounded = EncodingOptions.builder().addSpecialTokens(true).build();
    SpecialTokens all = SpecialTokens.all();
    int count = 0;
    for (String text : texts()) {
      String shown = variant + " \"" + text + "\"";
      assertThat(read.encode(text)).as(shown).isEqualTo(own.encode(text));
      assertThat(read.encode(text, bounded).ids())
          .as(shown)
          .isEqualTo(own.encode(text, bounded).ids());
      if (!text.contains("<unk>")) { // a special token there
        assertThat(read.encode(text, all)).as(shown).isEqualTo(own.encode(text, all));
      }
      int[] ids = own.encode(text);
      boolean known = Arrays.stream(ids).noneMatch(id -> id == own.vocabulary().unk().orElse(-1));
      if (known) {
        assertThat(read.decode(ids)).as(shown).isEqualTo(own.decode(ids));
      }
      count++;
    }
    assertThat(count).isGreaterThan(1_500);
  }

  @Test
  void what_has_no_such_form_is_refused_with_its_reason() throws IOException {
    Files.write(
        directory.resolve("tokenizer.model"),
        SentencePieceVectors.bytes("training/spm_bpe_tinyshakespeare_1000.model"));
    Tokenizer replacing =
        Tokenizers.load(directory, Registry.of().with(new SentencePieceProvider()));
    assertThatThrownBy(() -> replacing.saveJson(directory))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("tokenizer.json has no form for this SentencePiece BPE tokenizer")
        .hasMessageContaining("it replaces characters before it cuts a text");
    Tokenizer both = new Variant(SentencePieceModel.Type.BPE, true, true, true, true).tokenizer();
    assertThatThrownBy(() -> both.saveJson(directory))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("both user-defined symbols and bytes");
    Tokenizer unigram =
        new Variant(SentencePieceModel.Type.UNIGRAM, true, true, false, false).tokenizer();
    assertThatThrownBy(() -> unigram.saveJson(directory))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("it is a Unigram model");
    assertThat(directory.resolve("tokenizer.json")).doesNotExist();
  }
}
