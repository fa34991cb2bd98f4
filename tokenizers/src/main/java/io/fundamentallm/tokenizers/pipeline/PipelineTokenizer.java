package io.fundamentallm.tokenizers.pipeline;

import io.fundamentallm.text.ChatSegment;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.DetokenizerOptions;
import io.fundamentallm.text.Encoding;
import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.OffsetUnit;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.TextOffsets;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.tokenizers.model.ByteStrings;
import io.fundamentallm.tokenizers.text.ScratchPool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A tokenizer made of the parts of a {@link Pipeline}. Immutable and thread-safe. */
public final class PipelineTokenizer implements Tokenizer {
  private final Pipeline parts;
  private final ScratchPool<Encoder> encoders;

  /** A tokenizer of these parts. */
  public PipelineTokenizer(Pipeline parts) {
    this.parts = parts;
    encoders = new ScratchPool<>(() -> new Encoder(parts));
  }

  Pipeline parts() {
    return parts;
  }

  @Override
  public int[] encode(CharSequence text, SpecialTokens allowed) {
    return encode(text, allowed, Integer.MAX_VALUE);
  }

  @Override
  public int[] encode(CharSequence text, SpecialTokens allowed, int maxTokens) {
    if (maxTokens < 0) {
      throw new IllegalArgumentException("maxTokens must not be negative, but is " + maxTokens);
    }
    Encoder encoder = encoders.acquire();
    encoder.encode(text.toString(), allowed, false, maxTokens);
    int[] ids = encoder.ids(maxTokens);
    release(encoder);
    return ids;
  }

  @Override
  public int[] encode(List<ChatSegment> segments) {
    MessageRanges conversation = MessageRanges.of(segments);
    Encoder encoder = encoders.acquire();
    encoder.encode(conversation);
    int[] ids = encoder.ids(Integer.MAX_VALUE);
    release(encoder);
    return ids;
  }

  @Override
  public int count(CharSequence text) {
    Encoder encoder = encoders.acquire();
    int count = encoder.count(text.toString());
    release(encoder);
    return count;
  }

  @Override
  public Encoding encode(CharSequence text, EncodingOptions options) {
    return padded(Layout.of(parts.postProcessor(), tokens(text, options), null, options), options);
  }

  @Override
  public Encoding encodePair(CharSequence first, CharSequence second, EncodingOptions options) {
    Encoding both =
        Layout.of(parts.postProcessor(), tokens(first, options), tokens(second, options), options);
    return padded(both, options);
  }

  private void release(Encoder encoder) {
    encoder.shrink();
    encoders.release(encoder);
  }

  private static Encoding padded(Encoding encoding, EncodingOptions options) {
    return options.padding().isEmpty() || options.padding().get().length() == 0
        ? encoding
        : Encoding.paddedToLongest(List.of(encoding), options.padding().get()).get(0);
  }

  private Encoding tokens(CharSequence text, EncodingOptions options) {
    String string = text.toString();
    @Nullable OffsetUnit unit = options.offsets().orElse(null);
    Encoder encoder = encoders.acquire();
    encoder.encode(string, options.allowed(), unit != null, Integer.MAX_VALUE);
    Encoding encoding;
    int[] ids = encoder.ids(Integer.MAX_VALUE);
    if (unit == null) {
      encoding = Encoding.of(ids, null, null);
    } else {
      TextOffsets offsets = TextOffsets.of(string, unit);
      int[] starts = new int[ids.length];
      int[] ends = new int[ids.length];
      for (int i = 0; i < ids.length; i++) {
        starts[i] = offsets.at(encoder.start(i));
        ends[i] = offsets.endAt(encoder.end(i));
      }
      encoding = Encoding.of(ids, starts, ends);
    }
    release(encoder);
    return encoding;
  }

  @Override
  public EncodingOptions storedOptions() {
    return parts.stored();
  }

  @Override
  public byte[] bytes(int token) {
    parts.forms().check(token);
    return parts.decoder() == null || parts.forms().isUnused(token)
        ? parts.strings().bytes(token)
        : parts.decoder().bytes(token);
  }

  @Override
  public byte[] bytes(int token, int previous) {
    if (parts.decoder() == null) {
      return bytes(token);
    }
    parts.forms().check(token);
    if (parts.forms().isUnused(token) || (previous >= 0 && parts.forms().isUnused(previous))) {
      return bytes(token); // nothing, or its bytes inside a text
    }
    return parts.decoder().bytes(token, previous);
  }

  @Override
  public String decode(int... tokens) {
    if (parts.decoder() != null) {
      return decode(tokens, DetokenizerOptions.plain());
    }
    ByteStrings strings = parts.strings();
    long length = 0;
    for (int token : tokens) {
      parts.forms().check(token);
      length += strings.length(token);
    }
    byte[] bytes = new byte[Math.toIntExact(length + ByteStrings.SLACK)];
    int n = 0;
    for (int token : tokens) {
      n = strings.copy(token, bytes, n);
    }
    String text = new String(bytes, 0, n, StandardCharsets.UTF_8);
    // the number of replacement characters for malformed bytes must not depend on the JDK
    return text.indexOf('\uFFFD') < 0 ? text : decode(tokens, DetokenizerOptions.plain());
  }

  @Override
  public Vocabulary vocabulary() {
    return parts.forms();
  }

  @Override
  public Optional<ChatTemplate> chatTemplate() {
    return parts.chatTemplate();
  }

  @Override
  public void save(Path modelDirectory) throws IOException {
    parts.files().write(modelDirectory);
  }

  @Override
  public void saveGguf(Path file, int vocabularySize) throws IOException {
    parts.files().gguf(parts).sized(vocabularySize).keys().write(file);
  }

  @Override
  public void saveJson(Path modelDirectory) throws IOException {
    parts.files().writeJson(parts, modelDirectory);
  }

  @Override
  public String toString() {
    return parts.description();
  }
}
