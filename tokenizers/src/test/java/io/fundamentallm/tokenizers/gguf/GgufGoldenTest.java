package io.fundamentallm.tokenizers.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Registry;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.GgufProvider;
import io.fundamentallm.tokenizers.gguf.section.GgufWriter;
import io.fundamentallm.tokenizers.huggingface.TokenizerConfig;
import io.fundamentallm.tokenizers.huggingface.TokenizerJson;
import io.fundamentallm.tokenizers.huggingface.VocabularyFiles;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceModel;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceReader;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceRules;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceVectors;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceWire;
import io.fundamentallm.tokenizers.text.PrecompiledCharsmap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Published tokenizers, converted: ids stay those of the references. */
class GgufGoldenTest {
  @TempDir Path directory;

  private void assertIds(GgufWriter file, String vectorsOf, SpecialTokens allowed)
      throws IOException {
    file.write(directory.resolve("model.gguf"));
    Tokenizer tokenizer =
        Tokenizers.load(directory.resolve("model.gguf"), Registry.of().with(new GgufProvider()));
    tokenizer.save(directory.resolve("saved"));
    Tokenizer saved =
        Tokenizers.load(directory.resolve("saved"), Registry.of().with(new GgufProvider()));
    List<SentencePieceVectors> vectors = SentencePieceVectors.read(vectorsOf);
    SentencePieceVectors.assertMany(vectors);
    for (SentencePieceVectors vector : vectors) {
      assertThat(tokenizer.encode(vector.text(), allowed))
          .as("ids of \"%s\"", vector.text())
          .isEqualTo(vector.ids());
      assertThat(saved.encode(vector.text(), allowed)).isEqualTo(vector.ids());
      if (vector.decoded() != null) {
        assertThat(tokenizer.decode(vector.ids())).isEqualTo(vector.decoded());
      }
    }
    System.out.printf("%s as GGUF: %d texts equal%n", vectorsOf, vectors.size());
  }

  private Path unpacked(String name, String... files) throws IOException {
    for (String file : files) {
      Files.write(
          directory.resolve(file), SentencePieceVectors.bytes("files/" + name + "/" + file));
    }
    return directory;
  }

  @ParameterizedTest
  @CsvSource({
    "spm_t5, t5, files/t5/spiece.model",
    "spm_trained_unigram1000, t5, training/spm_unigram_tinyshakespeare_1000.model",
    "spm_trained_bpe1000, llama, training/spm_bpe_tinyshakespeare_1000.model"
  })
  void sentencepiece_models_keep_their_ids(String name, String kind, String file)
      throws IOException {
    byte[] bytes = SentencePieceVectors.bytes(file);
    SentencePieceModel model = SentencePieceReader.parse(file, bytes);
    SentencePieceRules rules = model.normalizer();
    GgufWriter gguf =
        GgufConversions.sentencePiece(model, kind)
            .bool("tokenizer.ggml.add_space_prefix", rules.addDummyPrefix())
            .bool("tokenizer.ggml.remove_extra_whitespaces", rules.removeExtraWhitespaces())
            .bytes("tokenizer.ggml.precompiled_charsmap", charsmap(bytes));
    assertIds(gguf, name, SpecialTokens.none());
  }

  /** Field 2 of field 3 of the file; checked by reading it. */
  private static byte[] charsmap(byte[] file) throws IOException {
    SentencePieceWire in = new SentencePieceWire("test.model", file);
    byte[] found = {};
    while (in.hasMore()) {
      int tag = in.tag();
      if (tag != (3 << 3 | SentencePieceWire.BYTES)) {
        in.skip(tag);
        continue;
      }
      SentencePieceWire rules = in.message();
      while (rules.hasMore()) {
        int inner = rules.tag();
        if (inner == (2 << 3 | SentencePieceWire.BYTES)) {
          found = rules.bytes();
        } else {
          rules.skip(inner);
        }
      }
    }
    assertThat(new PrecompiledCharsmap(found)).isNotNull();
    return found;
  }

  @Test
  void gpt2_keeps_its_ids() throws IOException {
    Path files = unpacked("gpt2", "vocab.json", "merges.txt");
    TokenizerJson json = VocabularyFiles.read(files, TokenizerConfig.in(files));
    assertIds(GgufConversions.bytePairs(json, "gpt-2"), "gpt2", SpecialTokens.all());
  }

  @Test
  void qwen_keeps_its_ids() throws IOException {
    TokenizerJson json =
        TokenizerJson.read(unpacked("qwen3", "tokenizer.json").resolve("tokenizer.json"));
    assertIds(GgufConversions.bytePairs(json, "qwen2"), "qwen3", SpecialTokens.all());
  }

  @Test
  void deepseek_keeps_its_ids() throws IOException {
    TokenizerJson json =
        TokenizerJson.read(unpacked("deepseek_v3", "tokenizer.json").resolve("tokenizer.json"));
    assertIds(GgufConversions.bytePairs(json, "deepseek-v3"), "deepseek_v3", SpecialTokens.all());
  }

  @Test
  void bert_keeps_its_ids() throws IOException {
    Path files = unpacked("bert-base-uncased", "vocab.txt");
    assertIds(GgufConversions.wordPiece(files), "bert-base-uncased", SpecialTokens.all());
  }
}
