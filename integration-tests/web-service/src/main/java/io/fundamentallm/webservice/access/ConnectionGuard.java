package io.fundamentallm.webservice.access;

import io.fundamentallm.webservice.error.ErrorBody;
import io.fundamentallm.webservice.json.JsonBodies;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Sits between a connection's HTTP codec and everything that answers, and lets nobody keep a
 * connection without using it. Used by the connection's own thread, except for {@link #cut}.
 *
 * <ul>
 *   <li>A request that is answered before it has ended ends the connection, regardless of the
 *       answer: the rest of what its client sends is not awaited.
 *   <li>Until a client has shown the key, the connection is one of few, and has little time. If no
 *       key is required, a whole request counts instead until it is answered.
 *   <li>Headers that are not HTTP are answered here, and none of their text is logged.
 * </ul>
 */
@SuppressWarnings("FutureReturnValueIgnored") // its promise reports the completion
final class ConnectionGuard extends ChannelDuplexHandler {
  /**
   * How long a connection stays after its last answer while its client still sends: if it were
   * closed at once, the client's system would discard the answer unread (RFC 9112, section 9.6).
   */
  private static final Duration LINGER = Duration.ofSeconds(2);

  /** The header: a name or an address in brackets, and optionally a port. */
  private static final Pattern HOST =
      Pattern.compile("(?:\\[[0-9A-Fa-f:.]+]|[^\\[\\]:/?#@\\s]*)(?::([0-9]{1,5}))?");

  private final UnauthenticatedConnections unauthenticated;
  private final ApiKey key;
  private final Duration time;
  private final Duration idle;
  private final RareWarning malformed;

  private volatile @Nullable ChannelHandlerContext context;
  private @Nullable Future<?> deadline;

  /** Whether the client has shown the key. */
  private boolean known;

  /** Whether nothing more is read or written. */
  private boolean over;

  /** Whether the current answer has begun. */
  private boolean responding;

  /** Whether it began before its request had ended, and so says that it is the last. */
  private boolean closing;

  /** Requests whose headers, and whose ends, have come; and answers that have ended. */
  private long startNanos;

  private long ended;
  private long answered;

  /**
   * A guard of one connection.
   *
   * @param time how long a client may take to show the key, or to send a request's headers
   * @param idle how long a connection may wait for the next request, if no key is required
   * @param malformed counts headers that are not HTTP
   */
  ConnectionGuard(
      UnauthenticatedConnections unauthenticated,
      ApiKey key,
      Duration time,
      Duration idle,
      RareWarning malformed) {
    this.unauthenticated = unauthenticated;
    this.key = key;
    this.time = time;
    this.idle = idle;
    this.malformed = malformed;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    unauthenticated.add(this);
    closeAfter(ctx, time);
    ctx.fireChannelActive();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    unauthenticated.remove(this);
    forgetDeadline();
    ctx.fireChannelInactive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (over) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof HttpObject http && http.decoderResult().isFailure()) {
      ReferenceCountUtil.release(message);
      refuse(ctx, http.decoderResult().cause());
      return;
    }
    if (message instanceof HttpRequest request) {
      if (!isWellFormed(request)) {
        ReferenceCountUtil.release(message);
        refuse(ctx, null);
        return;
      }
      startNanos++;
      if (!key.isRequired()) {
        forgetDeadline(); // what reads the body has its own
      } else if (!known
          && key.isAccepted(
              ApiKey.header(
                  request.headers().get(HttpHeaderNames.AUTHORIZATION),
                  request.headers().get(ApiKey.ANTHROPIC)))) {
        known = true;
        unauthenticated.remove(this);
        forgetDeadline();
      }
    }
    if (message instanceof LastHttpContent) {
      ended++;
      if (!key.isRequired()) {
        unauthenticated.remove(this);
      }
    }
    ctx.fireChannelRead(message);
  }

  /** Whether the next handler will accept it, which otherwise logs what the client wrote. */
  private static boolean isWellFormed(HttpRequest request) {
    Matcher host = HOST.matcher(request.headers().get(HttpHeaderNames.HOST, ""));
    return request.protocolVersion().majorVersion() == 1
        && host.matches()
        && (host.group(1) == null || Integer.parseInt(host.group(1)) <= 65_535);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (over) {
      ctx.read();
    } else {
      ctx.fireChannelReadComplete();
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (over) {
      ReferenceCountUtil.release(message);
      promise.trySuccess();
      return;
    }
    boolean interim =
        message instanceof HttpResponse response
            && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    if (interim) {
      ctx.write(message, promise);
      return;
    }
    if (!responding) {
      responding = true;
      closing = ended == answered;
    }
    if (closing && message instanceof HttpResponse response) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    if (!(message instanceof LastHttpContent)) {
      ctx.write(message, promise);
      return;
    }
    answered++;
    responding = false;
    if (closing) {
      end(ctx, message, promise.unvoid());
      return;
    }
    if (!known) {
      if (!key.isRequired() && ended == answered) {
        takePlace(ctx); // even if the headers of the next request are already here
      }
      if (startNanos == answered) {
        closeAfter(ctx, key.isRequired() ? time : idle);
      }
    }
    ctx.write(message, promise);
  }

  /** Closes once the client has read the last answer. */
  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    if (over && ctx.channel().isActive()) {
      ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
    } else {
      ctx.close(promise);
    }
  }

  /** Closes the connection at once, from any thread. */
  void cut() {
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      ctx.close();
    }
  }

  /** Writes the last message, then waits a moment for the client to read it. */
  private void end(ChannelHandlerContext ctx, Object last, ChannelPromise promise) {
    over = true;
    if (!known) {
      takePlace(ctx);
    }
    closeAfter(ctx, LINGER);
    ctx.write(last, promise)
        .addListener(
            written -> {
              boolean plain = ctx.pipeline().get(SslHandler.class) == null;
              if (plain && ctx.channel() instanceof DuplexChannel duplex && duplex.isActive()) {
                duplex.shutdownOutput(); // a client that waits for the end sees it at once
              }
            });
    ctx.read();
  }

  /** Takes a place, unless the client has hung up: then what is still written comes too late. */
  private void takePlace(ChannelHandlerContext ctx) {
    if (ctx.channel().isActive()) {
      unauthenticated.add(this);
    }
  }

  private void closeAfter(ChannelHandlerContext ctx, Duration duration) {
    forgetDeadline();
    deadline = ctx.executor().schedule(this::cut, duration.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void forgetDeadline() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }

  /**
   * Answers what is not HTTP.
   *
   * @param cause null if the codec took it for HTTP
   */
  private void refuse(ChannelHandlerContext ctx, @Nullable Throwable cause) {
    malformed.count();
    if (responding || ended > answered) {
      cut(); // the answer would be taken for one to another request
      return;
    }
    HttpResponseStatus status = HttpResponseStatus.BAD_REQUEST;
    String what = "the request is not HTTP/1.1, or its header Host is not a name and a port";
    if (cause instanceof TooLongHttpLineException) {
      status = HttpResponseStatus.REQUEST_URI_TOO_LONG;
      what = "the request's address is too long";
    } else if (cause instanceof TooLongHttpHeaderException) {
      status = HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
      what = "the request's headers are too long";
    }
    byte[] body =
        JsonBodies.write(ErrorBody.of(what, "invalid_request_error", null, "invalid_http"));
    FullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
        .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE)
        .set(RequestIds.HEADER, RequestIds.next());
    end(ctx, response, ctx.newPromise());
    ctx.flush();
  }
}
