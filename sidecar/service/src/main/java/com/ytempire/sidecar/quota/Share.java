package com.ytempire.sidecar.quota;

/**
 * A payer's part of a day's bucket, in API units; {@code schemas/quota-share.json}.
 *
 * @param payer a user's id, or {@code platform}
 * @param guaranteed units that no other payer can take
 * @param used spent and reserved units, borrowed ones included
 * @param borrowed units taken beyond the guarantee, from the common part
 */
public record Share(String bucket, String payer, long guaranteed, long used, long borrowed) {}
