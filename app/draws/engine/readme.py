"""The sheet that goes with every bundle: how to verify it, and which file is what."""

README = """\
双随机抽取记录包（协议 evenhand-draw/1）
========================================

一、怎样核验

1. 准备 Python 3.11 或更高版本，不需要安装其他软件，也不需要联网。
2. 把本包解压，在命令行运行：

       python verify.py bundle.zip

   （bundle.zip 是您下载的压缩包；加 --json 可得到机器可读的结果。）
3. 每一项检查显示 ok（通过）、FAIL（不符）或 not checked（未检查，并说明原因）。
   退出码 0 表示没有不符，1 表示有不符，2 表示压缩包损坏。
4. 压缩包里的 verify.py 与被核验的数据来自同一处。若要独立核验，请从其他途径取得核验程序，
   或按协议自行编写：只需散列函数和整数运算。
5. 请把 plan.json 的散列（transcript.json 中的 plan_hash）与抽取前公布、打印的回执核对，
   把 log.json 中的日志根与您另行保存或见证人签署的日志根核对。

二、文件说明

plan.json           抽取方案：名单散列、规则、见证人、信标、截止时间，在收到任何随机贡献之前公布
transcript.json     抽取记录：承诺、贡献、信标、关闭时的日志根、开启的秘密、种子、各批结果的散列
frame.tsv           冻结名单：每行一个检查对象
result-<批>.tsv     第几批的抽取结果：层、名次、检查对象、签号
drawn-<批>.tsv      第几批的公布名单，按编码排序，为替换之前的名单
replacements.tsv    替换：换出、换入、理由、日志序号
matching/<机关>/    检查人员名册 roster、回避 recusals、各批分派 assignment、最优性凭证 certificate
log.json            与本次抽取有关的日志事件、包含证明、签名的日志根、公钥
verify.py           核验程序（单个文件，只用标准库）
README.txt          本说明

三、两种版本

完整版供审计、见证人和参与机关使用，含全部文件。公开版散列与完整版相同；密封模式下不含名单、
分层结果和检查人员文件，最后一份检查表提交之后才公开种子、操作方秘密、批次码和公布名单。
公开版中不能检查的项目显示 not checked，不会显示为通过。


Record of a random draw (protocol evenhand-draw/1)
==================================================

1. How to verify

   You need Python 3.11 or later; nothing to install, no network. Unpack, then run

       python verify.py bundle.zip

   where bundle.zip is the archive you downloaded (--json for machines). Every check prints ok, FAIL
   or not checked (why). Exit code 0: no FAIL; 1: a FAIL; 2: damaged archive.

   This verify.py comes from the same place as the data. To be independent, get the verifier
   elsewhere or write your own from the protocol: a hash function and integers are enough. Compare
   plan_hash in transcript.json with the receipt printed before the draw, and the head in log.json
   with one that you or a witness kept.

2. Files

   plan.json          list digest, rules, witnesses, beacon, deadline; public before any contribution
   transcript.json    commitments, contributions, beacon, closing root, secrets, seed, result digests
   frame.tsv          the frozen list, one target per line
   result-<b>.tsv     batch b: stratum, rank, target, ticket
   drawn-<b>.tsv      batch b as published: ids in order, before replacements
   replacements.tsv   who fell out, who came in, why, and the index of the log entry
   matching/<agency>/ roster, recusals, assignment and optimality certificate per batch
   log.json           events of this draw, inclusion proofs, signed head, public key
   verify.py          the verifier, one file, standard library only
   README.txt         this sheet

3. Two editions

   The full edition, for auditors, witnesses and the agencies of the task, holds everything. The
   public edition has the same hashes; in sealed mode it leaves out the list, the results by stratum
   and the inspectors' files, and shows seed, operator's secret, codes and published lists only
   after the last form is submitted. What cannot be checked from it is reported as not checked,
   never as ok.
"""
