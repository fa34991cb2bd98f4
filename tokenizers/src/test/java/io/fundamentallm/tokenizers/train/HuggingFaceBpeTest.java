package io.fundamentallm.tokenizers.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.fundamentallm.spi.Learning;
import io.fundamentallm.tokenizers.Golden;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Merges and ids are those that Hugging Face's byte-level trainer finds in the same text. */
class HuggingFaceBpeTest {
  private record Reference(List<String> forms, List<String> merges) {}

  @ParameterizedTest
  @ValueSource(ints = {300, 512, 1024, 4096})
  void vocabulary_and_merges_of_tiny_shakespeare_are_the_reference(int size) throws IOException {
    Path golden = Golden.folder();
    Path file = golden.resolve("training/hf_bytelevel_tinyshakespeare_" + size + ".json.gz");
    Path corpus = golden.resolve("../../corpora/tinyshakespeare.txt");

    WordCounts words = new WordCounts();
    new WordCounter(null, new Gpt2Regex())
        .count(Lines.of(Files.readString(corpus, StandardCharsets.UTF_8)), words, Learning.quiet());
    LearnedBpe learned =
        BpeTrainer.builder()
            .vocabSize(size)
            .specialTokens(List.of("<|endoftext|>"))
            .byteLevel(true)
            .build()
            .train(words, Learning.quiet());

    Reference reference = read(file);
    List<String> merges = Words.merges(learned);
    assertThat(learned.forms()).isEqualTo(reference.forms()).hasSize(size);
    assertThat(merges).isEqualTo(reference.merges()).hasSize(size - 257);
  }

  private static Reference read(Path file) throws IOException {
    List<String> forms = new ArrayList<>();
    List<String> merges = new ArrayList<>();
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file));
        JsonParser json = new JsonFactory().createParser(in)) {
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token == JsonToken.FIELD_NAME && json.currentName().equals("vocab")) {
          json.nextToken();
          while (json.nextToken() == JsonToken.FIELD_NAME) {
            assertThat(json.nextIntValue(-1)).isEqualTo(forms.size());
            forms.add(json.currentName());
          }
        } else if (token == JsonToken.FIELD_NAME && json.currentName().equals("merges")) {
          json.nextToken();
          while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() == JsonToken.START_ARRAY) {
              merges.add(json.nextTextValue() + " " + json.nextTextValue());
              json.nextToken();
            } else {
              merges.add(json.getText());
            }
          }
        }
      }
    }
    return new Reference(forms, merges);
  }
}
