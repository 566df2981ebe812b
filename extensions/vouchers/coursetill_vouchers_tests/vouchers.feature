Feature: Vouchers of employers
  A voucher of an employer reduces the price of one course run, once, for one employee.

  Rule: A voucher reduces the price of its course run for its employee, once

    @VOU-01
    Scenario: A voucher pays for a part of the price
      Given staff issued voucher "V-2041" of "Acme" to "Ada Lovelace" for "STATS-1" and $19.33
      When Ada enters voucher "V-2041" of "Acme" for "STATS-1" and $19.33
      Then Ada's voucher "V-2041" pays for "Data Analysis"
      When Ada buys "STATS-1"
      Then Ada paid $20.00
      And Ada's receipt shows a discount of $19.33
      And Ada's voucher "V-2041" is used
      When Ada buys "POVERTY-1"
      Then Ada paid $100.00

    @VOU-02
    Scenario: A voucher above the price pays for all of it
      Given staff issued voucher "V-2042" of "Acme" to "Ada Lovelace" for "STATS-1" and $500.00
      When Ada enters voucher "V-2042" of "Acme" for "STATS-1" and $500.00
      And Ada buys "STATS-1"
      Then Ada paid $0.00

    @VOU-03
    Scenario: A voucher waits for the owner of an email address
      Given staff issued voucher "V-2041" of "Acme" to "ada-lovelace@example.org" for "STATS-1" and $19.33
      When Ada signs in for the first time
      And Ada buys "STATS-1"
      Then Ada paid $20.00

  Rule: A voucher that staff have not issued counts only when staff verify it

    @VOU-04
    Scenario: An unverified voucher does not reduce the price
      When Bob enters voucher "V-1" of "Acme" for "STATS-1" and $30.00
      Then Bob's voucher "V-1" is being checked
      When Bob buys "STATS-1"
      Then Bob paid $39.33

    @VOU-05
    Scenario: A verified voucher reduces the price
      Given Ada entered voucher "V-7" of "Acme" for "STATS-1" and $19.33
      When staff verify voucher "V-7" with the reason "Acme confirmed it"
      And Ada buys "STATS-1"
      Then Ada paid $20.00

    @VOU-06
    Scenario: A cancelled voucher is not accepted
      Given Ada entered voucher "V-7" of "Acme" for "STATS-1" and $19.33
      When staff cancel voucher "V-7" with the reason "Acme does not know it"
      Then Ada's voucher "V-7" is not accepted

    @VOU-07
    Scenario: Staff match a voucher with the course run that it is for
      Given Ada entered voucher "V-8" of "Acme" for "Data Analysis" and $19.33
      When staff verify voucher "V-8" with the reason "Acme confirmed it"
      And staff match voucher "V-8" with "STATS-2"
      Then Ada's voucher "V-8" pays for "Data Analysis"

  Rule: A voucher can be used by its employee only

    @VOU-08
    Scenario: Another learner's voucher is treated like an unknown one
      Given staff issued voucher "V-2041" of "Acme" to "Ada Lovelace" for "STATS-1" and $19.33
      When Bob enters voucher "V-2041" of "Acme" for "STATS-1" and $19.33
      Then Bob's voucher "V-2041" is being checked
      When Ada enters voucher "V-2041" of "Acme" for "STATS-1" and $19.33
      Then Ada's voucher "V-2041" pays for "Data Analysis"

  Rule: A file of vouchers is imported completely or not at all

    @VOU-09
    Scenario: One mistake in the file imports nothing
      When staff import these vouchers
        | number | employer | employee     | email           | course  | amount |
        | V-1    | Acme     | Ada Lovelace | ada@example.org | STATS-1 | 19.33  |
        | V-2    | Acme     | Bob Kahn     |                 | STATS-1 | twenty |
      Then staff are refused with the message "line 3, amount"
      And there are no vouchers
      When staff import these vouchers
        | number | employer | employee     | email           | course  | amount |
        | V-1    | Acme     | Ada Lovelace | ada@example.org | STATS-1 | 19.33  |
        | V-2    | Acme     | Bob Kahn     |                 | STATS-1 | 20.00  |
      Then there are 2 vouchers, 1 of them issued
