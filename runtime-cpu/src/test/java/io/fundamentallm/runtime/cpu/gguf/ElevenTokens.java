package io.fundamentallm.runtime.cpu.gguf;

import io.fundamentallm.contract.NumberTokenizer;
import io.fundamentallm.runtime.cpu.format.GgufBytes;
import io.fundamentallm.text.SpecialTokens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

/** Eleven tokens, as the tiny models have. */
public final class ElevenTokens extends NumberTokenizer {
  public ElevenTokens() {
    super(11, 1, 2);
  }

  @Override
  public int[] encode(CharSequence text, SpecialTokens allowed) {
    return text.chars().map(c -> c - '0').toArray();
  }

  @Override
  public byte[] bytes(int token) {
    return token(token).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void saveGguf(Path file, int vocabularySize) throws IOException {
    GgufBytes bytes =
        new GgufBytes()
            .set("tokenizer.ggml.model", "gpt2")
            .set(
                "tokenizer.ggml.tokens",
                IntStream.range(0, vocabularySize).mapToObj(this::token).toList())
            .set("tokenizer.ggml.bos_token_id", 1);
    Files.write(file, bytes.bytes());
  }
}
