package io.fundamentallm.webservice.access;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sits between a connection's HTTP codec and everything that answers, and lets nobody keep a
 * connection without using it. Used by the connection's own thread, except for {@link #turnAway}.
 *
 * <ul>
 *   <li>A request that is answered before it has ended ends the connection, regardless of the
 *       answer: the rest of what its client sends is not awaited.
 *   <li>Until a client has shown the key, the connection is one of few, and has little time. If no
 *       key is required, a whole request counts instead until it is answered. Who is turned away is
 *       told to come back.
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

  /**
   * How long a connection is new. A client says what it wants within a few milliseconds; on a busy
   * machine, with hundreds of them, it is a while before that is read.
   */
  static final Duration NEW = Duration.ofSeconds(1);

  private final UnauthenticatedConnections unauthenticated;
  private final ApiKey key;
  private final Duration time;
  private final Duration idle;
  private final RareWarning malformed;

  private volatile @Nullable ChannelHandlerContext context;
  private @Nullable Future<?> deadline;

  /** When the connection is no longer new. */
  private @Nullable Future<?> age;

  /** Whether the client has shown the key. */
  private boolean known;

  /** Whether nothing more is read or written. */
  private boolean over;

  /** Whether the current answer has begun. */
  private boolean responding;

  /** Whether it began before its request had ended, and so says that it is the last. */
  private boolean closing;

  /** Requests whose headers, and whose ends, have come; and answers that have ended. */
  private long begun;

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
    takePlace(ctx);
    closeAfter(ctx, time);
    ctx.fireChannelActive();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    givePlace();
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
      refuse(ctx, Refusal.of(http.decoderResult().cause()));
      return;
    }
    if (message instanceof HttpRequest request) {
      Refusal refusal = Refusal.of(request);
      if (refusal != null) {
        ReferenceCountUtil.release(message);
        refuse(ctx, refusal);
        return;
      }
      begun++;
      if (!key.isRequired()) {
        forgetDeadline(); // what reads the body has its own
      } else if (!known
          && key.isAccepted(
              ApiKey.header(
                  request.headers().get(HttpHeaderNames.AUTHORIZATION),
                  request.headers().get(ApiKey.ANTHROPIC)))) {
        known = true;
        givePlace();
        forgetDeadline();
      }
    }
    if (message instanceof LastHttpContent) {
      ended++;
      if (!key.isRequired()) {
        givePlace();
      }
    }
    ctx.fireChannelRead(message);
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
      if (begun == answered) {
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

  /**
   * Closes the connection in favour of others, from any thread. A client that has not been answered
   * yet is told to come back.
   *
   * @param patiently whether to wait a moment for it to read that
   */
  void turnAway(boolean patiently) {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      return;
    }
    if (ctx.executor().inEventLoop()) {
      turnAway(ctx, patiently);
    } else {
      ctx.executor().execute(() -> turnAway(ctx, patiently));
    }
  }

  private void turnAway(ChannelHandlerContext ctx, boolean patiently) {
    if (known || (!key.isRequired() && ended > answered)) {
      return; // it was chosen a moment ago, and has asked meanwhile
    }
    boolean idle = begun > 0 && begun == answered;
    if (over || idle || !answer(ctx, Refusal.FULL) || !patiently) {
      ctx.close(); // behind what was written
    }
  }

  /** Writes the last message, then waits a moment for the client to read it. */
  private void end(ChannelHandlerContext ctx, Object last, ChannelPromise promise) {
    over = true;
    if (!known && ctx.channel().isActive()) {
      givePlace();
      unauthenticated.leave(this);
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
      forgetAge();
      age =
          ctx.executor()
              .schedule(() -> unauthenticated.age(this), NEW.toNanos(), TimeUnit.NANOSECONDS);
      unauthenticated.add(this);
    }
  }

  private void givePlace() {
    forgetAge();
    unauthenticated.remove(this);
  }

  private void forgetAge() {
    if (age != null) {
      age.cancel(false);
      age = null;
    }
  }

  private void closeAfter(ChannelHandlerContext ctx, Duration duration) {
    forgetDeadline();
    deadline = ctx.executor().schedule(() -> ctx.close(), duration.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void forgetDeadline() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }

  /** Answers what is not HTTP. */
  private void refuse(ChannelHandlerContext ctx, Refusal refusal) {
    malformed.count();
    if (!answer(ctx, refusal)) {
      ctx.close();
    }
  }

  /** Writes a last answer; false if it would be taken for one to another request. */
  private boolean answer(ChannelHandlerContext ctx, Refusal refusal) {
    if (responding || ended > answered) {
      return false;
    }
    end(ctx, refusal.response(), ctx.newPromise());
    ctx.flush();
    return true;
  }
}
