package io.fundamentallm.tokenizers.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Registry;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.tokenizers.Golden;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A long text is encoded in parts, and the ids are those of the whole. */
class EncoderTest {
  private static final int WHOLE = 1 << 30;

  @TempDir Path directory;

  @ParameterizedTest
  @MethodSource("io.fundamentallm.tokenizers.Golden#all")
  void parts_of_any_size_give_the_ids_of_the_whole(String name) throws IOException {
    Pipeline parts =
        ((PipelineTokenizer)
                Tokenizers.load(
                    Golden.files(name, directory), Registry.of(getClass().getClassLoader())))
            .parts();
    assertThat(parts.cuttable()).isTrue();
    List<String> texts = new ArrayList<>();
    Golden.vectors(name, vector -> texts.add(vector.text()));
    Encoder whole = new Encoder(parts, WHOLE);
    Random random = new Random(3);
    for (int round = 0; round < 12; round++) {
      Collections.shuffle(texts, random);
      String text =
          String.join(random.nextBoolean() ? " and the " : "word\nword", texts.subList(0, 150));
      whole.encode(text, SpecialTokens.none(), round % 2 == 0, Integer.MAX_VALUE);
      Encoder small = new Encoder(parts, 8 + random.nextInt(200));
      small.encode(text, SpecialTokens.none(), round % 2 == 0, Integer.MAX_VALUE);
      int[] ids = whole.ids(Integer.MAX_VALUE);
      assertThat(small.ids(Integer.MAX_VALUE)).isEqualTo(ids);
      if (round % 2 == 0) {
        for (int i = 0; i < ids.length; i++) {
          assertThat(small.start(i)).isEqualTo(whole.start(i));
          assertThat(small.end(i)).isEqualTo(whole.end(i));
        }
      }
      assertThat(small.count(text)).isEqualTo(ids.length);
    }
  }
}
