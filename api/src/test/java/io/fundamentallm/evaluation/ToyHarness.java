package io.fundamentallm.evaluation;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/** The model and the tokenizer of reference.py. */
final class ToyHarness {
  private static final int SIZE = 285;

  private ToyHarness() {}

  static ToyModel model(int context) {
    return new ToyModel(
        ToyModel.info(SIZE, context).build(),
        (tokens, length, row) -> {
          int last = tokens[length - 1];
          int before = length > 1 ? tokens[length - 2] : 0;
          for (int token = 0; token < SIZE; token++) {
            row[token] = (last * 7 + before * 13 + token * (5 + last % 3) + length * 3) % 23 / 4f;
          }
        });
  }

  static TextGenerator generator(ToyModel model, boolean begins) {
    return TextGenerator.of(new Tokens(begins), model);
  }

  /**
   * Bytes, {@code <s>} and {@code </s>}, then {@code ": "} and a space with each small letter.
   *
   * @param begins whether texts begin with a token of their own; otherwise it is the end token too
   */
  record Tokens(boolean begins) implements Tokenizer {
    private static final int COLON = 258;
    private static final int LETTERS = 259;

    @Override
    public int[] encode(CharSequence text, SpecialTokens allowed) {
      byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
      IntStream.Builder tokens = IntStream.builder();
      for (int i = 0; i < bytes.length; i++) {
        int next = i + 1 < bytes.length ? bytes[i + 1] : 0;
        if (bytes[i] == ':' && next == ' ') {
          tokens.add(COLON);
          i++;
        } else if (bytes[i] == ' ' && next >= 'a' && next <= 'z') {
          tokens.add(LETTERS + next - 'a');
          i++;
        } else {
          tokens.add(bytes[i] & 0xFF);
        }
      }
      return tokens.build().toArray();
    }

    @Override
    public byte[] bytes(int token) {
      if (token < COLON) {
        return ByteTokenizer.withBeginAndEnd().bytes(token);
      }
      return (token == COLON ? ": " : " " + (char) ('a' + token - LETTERS))
          .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void save(Path modelDirectory) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Vocabulary vocabulary() {
      return new Vocabulary() {
        @Override
        public int size() {
          return SIZE;
        }

        @Override
        public String token(int id) {
          return new String(bytes(id), StandardCharsets.UTF_8);
        }

        @Override
        public OptionalInt id(String token) {
          return OptionalInt.empty();
        }

        @Override
        public OptionalInt bos() {
          return OptionalInt.of(256);
        }

        @Override
        public OptionalInt eos() {
          return OptionalInt.of(begins ? 257 : 256);
        }

        @Override
        public Set<Integer> special() {
          return Set.of(256, 257);
        }
      };
    }
  }
}
