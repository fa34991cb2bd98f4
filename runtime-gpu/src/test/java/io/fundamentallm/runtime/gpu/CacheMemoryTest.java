package io.fundamentallm.runtime.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.CacheFullException;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.gpu.TinyDecoder.Form;
import io.fundamentallm.runtime.gpu.ort.GpuSettings;
import io.fundamentallm.spi.Options;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How much memory keys and values take, and what happens where there is too little. */
class CacheMemoryTest {
  /** 1 KB of keys and values a token. */
  private static final TinyDecoder DECODER = TinyDecoder.random(17, 1100, 64, 2, 2, 3);

  private static final int[] TOKENS = new Random(4).ints(500, 0, 17).toArray();

  @TempDir private Path directory;

  private LanguageModel loadByDefault() throws IOException {
    DECODER.save(directory, Form.MASK_AND_POSITIONS);
    GpuSettings settings = GpuSettings.of(Options.of("gpu", Map.of("device", TestDevice.name())));
    return OnnxModel.load(directory, settings, engine -> false);
  }

  private LanguageModel load(TinyDecoder decoder, Form form, boolean onDevice, String memory)
      throws IOException {
    decoder.save(directory, form);
    GpuSettings settings =
        GpuSettings.of(Options.of("gpu", Map.of("device", TestDevice.name(), "memory", memory)));
    return OnnxModel.load(directory, settings, engine -> onDevice);
  }

  @ParameterizedTest
  @CsvSource({
    "MASK_AND_POSITIONS, false",
    "MASK_AND_POSITIONS, true",
    "GROUPED, false",
    "GROUPED, true",
  })
  void an_append_that_needs_more_than_allowed_is_refused_and_changes_nothing(
      Form form, boolean onDevice) throws IOException {
    try (LanguageModel model = load(DECODER, form, onDevice, "1600k");
        Session session = model.open()) {
      float[] before = new float[17];
      float[] after = new float[17];
      session.append(TOKENS);
      try (Session other = model.open()) {
        other.append(TOKENS);
        try (Session fork = session.fork()) {
          fork.append(new int[] {1}, before);
        }
        assertThatThrownBy(() -> session.append(TOKENS))
            .isInstanceOf(CacheFullException.class)
            .hasMessageContaining("of at most 2 MB (option memory)");
        assertThat(session.length()).isEqualTo(500);
      }
      session.append(new int[] {1}, after);
      assertThat(after).containsExactly(before, within(1e-4f));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "MASK_AND_POSITIONS, 2100k, false",
    "MASK_AND_POSITIONS, 2100k, true",
    "GROUPED, 1300k, false",
    "GROUPED, 1300k, true",
  })
  void sequences_that_have_no_room_beside_each_other_run_one_after_another(
      Form form, String memory, boolean onDevice) throws IOException {
    float[] expected = new float[17];
    try (LanguageModel model = load(DECODER, form, onDevice, "1g");
        Session session = model.open()) {
      session.append(TOKENS);
      session.append(new int[] {1}, expected);
    }
    try (LanguageModel model = load(DECODER, form, onDevice, memory);
        Session first = model.open();
        Session second = model.open()) {
      first.append(TOKENS);
      second.append(TOKENS);
      float[] one = new float[17];
      float[] other = new float[17];
      model.forward(
          List.of(Append.of(first, new int[] {1}, one), Append.of(second, new int[] {1}, other)),
          Cancellation.none());
      assertThat(one).containsExactly(expected, within(1e-4f));
      assertThat(other).containsExactly(expected, within(1e-4f));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_sequence_goes_on_in_its_row_and_a_batch_in_its_rows(boolean onDevice) throws IOException {
    // one row of 256 tokens, and one token to clear rows with
    try (LanguageModel model = load(DECODER, Form.GROUPED, onDevice, "260k");
        Session session = model.open()) {
      for (int token = 0; token < 256; token++) {
        session.append(new int[] {token % 17});
        if (token % 50 == 49) {
          session.truncate(session.length() - 3);
        }
      }
    }
    // four rows, and as many for sessions alone
    try (LanguageModel model = load(DECODER, Form.GROUPED, onDevice, "2080k")) {
      List<Session> sessions = List.of(model.open(), model.open(), model.open(), model.open());
      List<Append> batch =
          sessions.stream().map(session -> Append.of(session, new int[] {3})).toList();
      for (int token = 0; token < 256; token++) {
        model.forward(batch, Cancellation.none());
      }
      sessions.forEach(Session::close);
    }
  }

  @ParameterizedTest
  @CsvSource({"FIXED, false", "FIXED, true", "FIXED_COPIED, false", "GROUPED, false"})
  void what_is_no_number_in_one_text_does_not_reach_the_next(Form form, boolean onDevice)
      throws IOException {
    TinyDecoder decoder = TinyDecoder.small();
    decoder.tokenEmbedding()[5 * decoder.channels()] = Float.NaN;
    try (LanguageModel model = load(decoder, form, onDevice, "1g")) {
      // the second is shorter, and so does not overwrite all of the first
      for (int[] text : new int[][] {{1, 2, 6, 5, 5, 5}, {1, 2, 6}}) {
        try (Session session = model.open()) {
          float[] logits = new float[17];
          session.append(text, logits);
          assertThat(Float.isNaN(logits[0])).isEqualTo(text.length > 3);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "MASK_AND_POSITIONS, false",
    "MASK_AND_POSITIONS, true",
    "GROUPED, false",
    "GROUPED, true",
  })
  void sessions_may_be_closed_after_their_model(Form form, boolean onDevice) throws IOException {
    LanguageModel model = load(DECODER, form, onDevice, "1g");
    Session session = model.open();
    session.append(TOKENS);
    Session fork = session.fork();
    fork.truncate(1);
    Session beside = model.open();
    float[] logits = new float[17];
    model.forward(
        List.of(Append.of(fork, new int[] {1}, logits), Append.of(beside, new int[] {1}, logits)),
        Cancellation.none());
    model.close();
    beside.close();
    fork.close();
    session.close();
    session.close();
    assertThatThrownBy(session::length).isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_model_is_not_closed_from_within_its_own_pass(boolean inPlace) throws IOException {
    Form form = inPlace ? Form.GROUPED : Form.IDS_ONLY;
    LanguageModel model = load(DECODER, form, false, "1g");
    Cancellation closing =
        () -> {
          model.close();
          return true;
        };
    try (Session session = model.open()) {
      assertThatThrownBy(() -> model.forward(List.of(Append.of(session, TOKENS)), closing))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("a pass on this thread is under way");
      session.append(TOKENS);
    }
    model.close();
  }

  @Test
  void what_is_kept_beside_keys_and_values_may_take_as_much_again() throws IOException {
    try (LanguageModel model = load(DECODER, Form.MASK_AND_POSITIONS, false, "1600k");
        Session other = model.open()) {
      Session session = model.open();
      session.reserve(1000 << 10);
      session.reserve(1500 << 10);
      assertThatThrownBy(() -> session.reserve(1601 << 10))
          .isInstanceOf(CacheFullException.class)
          .hasMessageContaining("hidden states of all sessions")
          .hasMessageContaining("of at most 2 MB (option memory)");
      try (Session fork = session.fork()) {
        fork.reserve(100 << 10);
        assertThatThrownBy(() -> other.reserve(1)).isInstanceOf(CacheFullException.class);
      }
      other.reserve(100 << 10);
      session.close();
      session.close();
      other.reserve(1600 << 10);
      // keys and values, which may be on a device, have their room
      other.append(TOKENS);
      assertThat(other.length()).isEqualTo(TOKENS.length);
    }
  }

  @Test
  void without_settings_hidden_states_take_no_more_than_a_part_of_the_heap() throws IOException {
    long part = Runtime.getRuntime().maxMemory() / 4;
    try (LanguageModel model = loadByDefault();
        Session second = model.open()) {
      Session first = model.open();
      first.reserve(part - 1000);
      assertThatThrownBy(() -> second.reserve(1001))
          .isInstanceOf(CacheFullException.class)
          .hasMessageContaining("hidden states of all sessions");
      second.reserve(1000);
      first.close();
      second.reserve(part);
      second.append(TOKENS);
      assertThat(second.length()).isEqualTo(TOKENS.length);
    }
  }
}
