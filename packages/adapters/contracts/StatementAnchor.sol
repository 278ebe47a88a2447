// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Logs statements of Countersign logs. It keeps nothing, has no owner, and takes no money.
contract StatementAnchor {
    /// `log` is the SHA-256 of the log's name. Two events with the same sender, log and number and other digests are
    /// proof that the log signed two histories.
    event Anchored(
        address indexed sender,
        bytes32 indexed log,
        uint256 indexed number,
        bytes32 sha2Digest,
        bytes32 sha3Digest
    );

    /// `sha2Digest` and `sha3Digest` are the SHA-256 and the SHA3-256 of the statement's text.
    function anchor(bytes32 log, uint256 number, bytes32 sha2Digest, bytes32 sha3Digest) external {
        emit Anchored(msg.sender, log, number, sha2Digest, sha3Digest);
    }
}
