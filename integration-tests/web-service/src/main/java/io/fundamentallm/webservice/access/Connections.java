package io.fundamentallm.webservice.access;

import io.fundamentallm.webservice.settings.ServiceSettings;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpServerCodec;
import java.time.Duration;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.boot.reactor.netty.autoconfigure.NettyServerProperties;
import org.springframework.stereotype.Component;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpServer;

/** Gives each connection its {@link ConnectionGuard} and {@link UnreadOutput}. */
@Component
final class Connections implements NettyServerCustomizer {
  private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

  /**
   * Bytes that the system takes before the client has them. By itself Linux takes up to 4 MB, which
   * a client that reads nothing lets the model write in vain. It tells of more room when a third is
   * free: so who reads 10 KB in a second is seen to read, too.
   */
  private static final int SEND_BUFFER = 1 << 17;

  private final UnauthenticatedConnections unauthenticated;
  private final ApiKey key;
  private final Duration time;
  private final Duration idle;
  private final Duration unreadTime;
  private final RareWarning unread =
      new RareWarning(LOG, "connections that were cut because their clients read nothing");
  private final RareWarning malformed =
      new RareWarning(LOG, "requests that were refused because their headers are no HTTP");

  Connections(
      UnauthenticatedConnections unauthenticated,
      ApiKey key,
      ServiceSettings settings,
      NettyServerProperties netty) {
    this.unauthenticated = unauthenticated;
    this.key = key;
    time = settings.limits().unauthenticatedTime();
    unreadTime = settings.limits().unread();
    idle = Objects.requireNonNullElse(netty.getIdleTimeout(), time);
  }

  @Override
  public HttpServer apply(HttpServer server) {
    return server
        .childOption(ChannelOption.SO_SNDBUF, SEND_BUFFER)
        .doOnChannelInit((observer, channel, remoteAddress) -> guard(channel));
  }

  /** If HTTP/2 is enabled, a connection begins with another codec and has no guard. */
  private void guard(Channel channel) {
    if (channel.pipeline().get(HttpServerCodec.class) != null) {
      channel
          .pipeline()
          .addBefore(
              NettyPipeline.HttpTrafficHandler,
              "unreadOutput",
              new UnreadOutput(unreadTime, unread))
          .addBefore(
              NettyPipeline.HttpTrafficHandler,
              "connectionGuard",
              new ConnectionGuard(unauthenticated, key, time, idle, malformed));
    }
  }
}
