package com.ytempire.sidecar.metrics;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.ytempire.sidecar.web.Problem.Fault;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of storing one row; {@code schemas/store-result.json}.
 *
 * @param row its place in the request
 * @param changes as JSON, the way the database wrote it
 * @param reason of a row that was rejected; not part of the answer
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record RowOutcome(
    int row,
    StoreOutcome outcome,
    @JsonRawValue @Nullable String changes,
    @Nullable List<Fault> faults,
    @JsonIgnore @Nullable RejectionReason reason) {
  RowOutcome(
      int row, StoreOutcome outcome, @Nullable String changes, @Nullable List<Fault> faults) {
    this(row, outcome, changes, faults, null);
  }

  static RowOutcome unknownChannel(int row) {
    return rejected(
        row,
        RejectionReason.UNKNOWN_CHANNEL,
        List.of(
            new Fault(
                "/channelId",
                "is no channel of this user, or was disconnected; add or connect it first")));
  }

  /** The same of whoever's channel it is, so that nobody learns who is here. */
  static RowOutcome videoOfAnotherChannel(int row) {
    return rejected(
        row,
        RejectionReason.OTHER_CHANNEL,
        List.of(
            new Fault(
                "/videoId",
                "is a video of another channel; store its rows under its own channel")));
  }

  static RowOutcome refused(int row, String sqlState) {
    boolean isNotTried = sqlState.equals(RowResult.NOT_TRIED);
    return rejected(
        row,
        isNotTried ? RejectionReason.NOT_TRIED : RejectionReason.REFUSED,
        List.of(
            new Fault(
                "",
                isNotTried
                    ? "is not stored, because the database refused %d rows of the batch before it; send it again without those"
                        .formatted(RowDao.MAX_REFUSED)
                    : "is refused by the database (SQLSTATE %s); the other rows are stored"
                        .formatted(sqlState))));
  }

  static RowOutcome rejected(int row, RejectionReason reason, List<Fault> faults) {
    return new RowOutcome(row, StoreOutcome.REJECTED, null, faults, reason);
  }
}
