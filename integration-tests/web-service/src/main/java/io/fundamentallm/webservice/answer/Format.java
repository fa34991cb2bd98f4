package io.fundamentallm.webservice.answer;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fundamentallm.webservice.answer.Answer.Piece;
import io.fundamentallm.webservice.error.ErrorBody;
import io.fundamentallm.webservice.json.JsonBodies;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How an interface writes the answer to one request. One thread at a time. */
public abstract class Format {
  /** The whole answer as one object. */
  abstract Object complete(List<Piece> pieces, Answer answer);

  /** The events of a stream that report a piece; none if it has nothing that a client sees. */
  abstract List<byte[]> events(Piece piece, Answer answer);

  /** The events that end a stream. */
  abstract List<byte[]> ending(Answer answer);

  /** The event that ends a stream with an error. */
  byte[] failure(Throwable error) {
    return event(null, ErrorBody.of(error));
  }

  /** An event as it is sent. */
  static byte[] event(@Nullable String name, Object json) {
    String line = name == null ? "" : "event: " + name + "\n";
    return (line + "data: " + new String(JsonBodies.write(json), UTF_8) + "\n\n").getBytes(UTF_8);
  }
}
